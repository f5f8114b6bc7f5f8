"""`/snmp?target=&module=` as Prometheus' snmp_exporter answers it, from the same definitions."""
