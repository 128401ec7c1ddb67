"""Here belongs what is done to personal data beside cleaning: never landing it, forgetting a person, ageing it out.
No values are judged or modelled here, and no configuration is read: whoever calls says which columns are a person's.
Masking of examples and pseudonyms are clean's affair, wiring is operate's.
"""
