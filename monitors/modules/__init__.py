"""What is polled, as data: one YAML file a module; `schema` reads and checks them, `plan` chooses.

Names of objects and labels are those snmp_exporter emits, so that dashboards made for it work.
"""
