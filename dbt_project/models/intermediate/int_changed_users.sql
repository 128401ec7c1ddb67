-- Ids in ops.changed_keys are those of the source; in facts they stand under their namespace.
select distinct {{ id_in('key', 'namespace') }} as user_key
from {{ source('ops', 'changed_keys') }}
where kind = 'user'
