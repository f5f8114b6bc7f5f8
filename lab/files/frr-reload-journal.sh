#!/bin/bash
# Stands in for frr-reload.py inside the lab: runs the real one and writes the device's own journal
# when the running configuration really changed. The commit-confirm tool journals for itself.
real=/usr/lib/frr/frr-reload.real.py
journal=/var/log/hatang-cc/journal.jsonl
[ -n "${HATANG_CC_ID:-}" ] && exec /usr/bin/python3 "$real" "$@"
hash_of_running() { vtysh -c 'show running-config' | sed -n '/^frr version/,$p' | sha256sum | cut -d' ' -f1; }
before=$(hash_of_running)
/usr/bin/python3 "$real" "$@"
code=$?
after=$(hash_of_running)
if [ "$before" != "$after" ]; then
  printf '{"time":"%s","id":"","action":"reload","changed":true,"sha256":"%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" "$after" >> "$journal"
fi
exit $code
