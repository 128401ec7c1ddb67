{#
What the KPIs' yml states as always true, one entry each:
    kpi_id, text   whose it is and as it is written: `numerator + other.numerator <= denominator`
    comparison     = or <=
    terms          kpi_id, field and sign of each term, those on the right with the sign turned
    kpis           the KPIs it speaks of
    dimensions     those that all of them have, the total included
    is_by_entity   whether the KPI counts each entity on its own days in grain all
#}
{% macro kpi_identities() -%}
    {%- set models, found = {}, [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('kpi_id') -%}
        {%- do models.update({node.config.meta.kpi_id: node}) -%}
    {%- endfor -%}
    {%- for kpi_id in models | sort -%}
        {%- for text in models[kpi_id].config.meta.get('identities') or [] -%}
            {%- set terms = identity_terms(models, kpi_id, text) -%}
            {%- set kpis = terms | map(attribute='kpi_id') | unique | list -%}
            {%- set dimensions = ['all'] -%}
            {%- for dimension in models[kpi_id].config.meta.dimensions -%}
                {%- set having = [] -%}
                {%- for other in kpis if dimension in models[other].config.meta.dimensions -%}{%- do having.append(other) -%}{%- endfor -%}
                {%- if having | length == kpis | length -%}{%- do dimensions.append(dimension) -%}{%- endif -%}
            {%- endfor -%}
            {%- do found.append({
                'kpi_id': kpi_id, 'text': text, 'comparison': '<=' if '<=' in text else '=', 'terms': terms, 'kpis': kpis,
                'dimensions': dimensions, 'is_by_entity': 'by_entity=true' in models[kpi_id].raw_code,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro identity_terms(models, kpi_id, text) -%}
    {%- set state, terms = {'side': 1, 'sign': 1}, [] -%}
    {%- for word in text.split() -%}
        {%- if word in ['=', '<='] and state.side == 1 -%}
            {%- do state.update({'side': -1, 'sign': 1}) -%}
        {%- elif word in ['+', '-'] -%}
            {%- do state.update({'sign': 1 if word == '+' else -1}) -%}
        {%- else -%}
            {%- set named = word if '.' in word else kpi_id ~ '.' ~ word -%}
            {%- set of, field = named.split('.')[0], named.split('.')[1] -%}
            {%- if of not in models or field not in ['numerator', 'denominator'] -%}
                {{ exceptions.raise_compiler_error(
                    models[kpi_id].original_file_path ~ ': in identities of its yml, ' ~ text ~ ': ' ~ word
                    ~ ' is none of =, <=, +, -, numerator, denominator and <kpi_id>.numerator or .denominator of a KPI that exists'
                ) }}
            {%- endif -%}
            {%- do terms.append({'kpi_id': of, 'field': field, 'sign': state.side * state.sign}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(terms) }}
{%- endmacro %}
