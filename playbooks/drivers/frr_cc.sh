#!/bin/bash
# Commit-confirm for FRR: a configuration that nobody confirms in time takes itself back.
#
#   hatang-cc begin ID SECONDS CANDIDATE   check, arm the timer, then apply; prints FRR's own diff
#   hatang-cc confirm ID                   keep the change and write it to startup
#   hatang-cc rollback ID                  take the change back now
#   hatang-cc status ID                    pending | reverting | confirmed | rolledback | rejected | unknown
#   hatang-cc diff CANDIDATE               print what begin would change, change nothing
#
# Exit status: 0 done, 1 wrong use, 2 the candidate is rejected (nothing changed), 3 ID is not
# pending, 4 another change is pending, 5 applying failed (the old configuration is back).
#
# Confirm, rollback and the timer claim the change by renaming ID.pending: rename(2) has exactly one
# winner. Startup is written only by confirm, so a reboot before it also takes the change back.
set -u
umask 077
dir=${HATANG_CC_STATE:-/var/lib/hatang-cc}
journal=${HATANG_CC_JOURNAL:-/var/log/hatang-cc/journal.jsonl}
reload=/usr/lib/frr/frr-reload.py

die() { echo "hatang-cc: $2" >&2; exit "$1"; }

running() { vtysh -c 'show running-config' | sed -n '/^frr version/,$p'; }

boot() { cat /proc/sys/kernel/random/boot_id; }

note() { # ACTION CHANGED: one line in the device's own journal
  mkdir -p -m 755 "$(dirname "$journal")"
  printf '{"time":"%s","id":"%s","action":"%s","changed":%s,"sha256":"%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" "$id" "$1" "$2" "$(running | sha256sum | cut -d' ' -f1)" >> "$journal"
}

changed_since() { # HASH: has the running configuration moved away from it?
  if [ "$(running | sha256sum | cut -d' ' -f1)" = "$1" ]; then echo false; else echo true; fi
}

claim() { mv -T -- "$state.pending" "$state.$1" 2>/dev/null; }

prepare() { # FILE PLACE: all that laying it in takes from the disk, before anything is armed
  # frr-reload.py writes startup, unless what it reloads is the frr.conf of its configuration directory.
  mkdir -- "$2" && cp -- "$1" "$2/frr.conf" || return 1
  [ ! -e /etc/frr/vtysh.conf ] || cp -- /etc/frr/vtysh.conf "$2/"
}

lay_in() { # PLACE SECONDS: make what was prepared there run, within so long
  HATANG_CC_ID=$id timeout "$2" "$reload" --confdir "$1" --reload "$1/frr.conf"
}

give_back() { # put the old configuration back; the caller has claimed the change
  local before
  before=$(running | sha256sum | cut -d' ' -f1)
  lay_in "$state.back" 120 > "$state.revert.log" 2>&1
  local code=$?
  note "$1" "$(changed_since "$before")"
  # What did not come back whole stays in doubt: nobody may take it for taken back.
  [ $code -ne 0 ] || mv -T -- "$state.reverting" "$state.rolledback"
  return $code
}

arm() { # SECONDS: the timer outlives this login, and a broken connection
  if [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --unit="hatang-cc-$id" --on-active="$1" \
      --setenv=HATANG_CC_STATE="$dir" --setenv=HATANG_CC_JOURNAL="$journal" "$self" timeout "$id"
  else
    setsid -f bash -c 'exec 9>&-; sleep "$1"; exec "$2" timeout "$3"' hatang-cc "$1" "$self" "$id" </dev/null >/dev/null 2>&1
  fi
}

drop_stale() { # a pending change of an earlier boot took itself back with the reboot
  local file
  for file in "$dir"/*.pending "$dir"/*.reverting; do
    [ -e "$file" ] || continue
    [ "$(cat "$file")" = "$(boot)" ] || mv -T -- "$file" "${file%.*}.rolledback"
  done
}

begin() {
  local seconds=$1 candidate=$2 old
  case $seconds in ''|*[!0-9]*) die 1 "SECONDS is not a number: $seconds" ;; esac
  [ "$seconds" -ge 1 ] && [ "$seconds" -le 86400 ] || die 1 "SECONDS is not within 1..86400"
  [ -r "$candidate" ] || die 1 "cannot read $candidate"
  compgen -G "$state.*" >/dev/null && die 3 "ID $id was used before: $(status)"
  compgen -G "$dir/*.pending" >/dev/null && die 4 "another change is pending: $(cd "$dir" && echo *.pending)"
  compgen -G "$dir/*.reverting" >/dev/null && die 4 "another change did not come back: $(cd "$dir" && echo *.reverting)"
  cp -- "$candidate" "$state.candidate" || die 1 "cannot keep the candidate"
  if ! vtysh -C -f "$state.candidate" > "$state.check" 2>&1; then
    cat "$state.check" >&2
    boot > "$state.rejected"
    exit 2
  fi
  running > "$state.before"
  [ -s "$state.before" ] || { boot > "$state.rejected"; die 2 "the running configuration cannot be read"; }
  "$reload" --test --stdout "$state.candidate" 2>/dev/null > "$state.diff"
  prepare "$state.candidate" "$state.etc" && prepare "$state.before" "$state.back" \
    || { boot > "$state.rejected"; die 2 "there is no room to prepare the way back"; }
  old=$(sha256sum < "$state.before" | cut -d' ' -f1)
  boot > "$state.pending"
  arm "$seconds" || { claim rejected; die 2 "the timer cannot be armed"; }
  note arm false
  lay_in "$state.etc" "$seconds" > "$state.apply.log" 2>&1
  local code=$?
  note apply "$(changed_since "$old")"
  if [ $code -ne 0 ]; then
    tail -n 5 "$state.apply.log" >&2
    if claim reverting && ! give_back revert; then
      die 5 "applying failed ($code), and so did taking it back: $(tail -n 1 "$state.revert.log")"
    fi
    die 5 "applying failed ($code); the old configuration is back"
  fi
  cat "$state.diff"
}

confirm() {
  claim confirmed || die 3 "$id is not pending: $(status)"
  vtysh -w > "$state.write.log" 2>&1 || die 5 "confirmed, but startup could not be written: $(tail -n 1 "$state.write.log")"
  note confirm false
  echo confirmed
}

rollback() {
  claim reverting || die 3 "$id is not pending: $(status)"
  give_back "$1" || die 5 "taking back $id failed: $(tail -n 1 "$state.revert.log")"
  echo rolledback
}

status() {
  local word
  for word in pending reverting confirmed rolledback rejected; do
    [ -e "$state.$word" ] && { echo "$word"; return; }
  done
  echo unknown
}

[ "$(id -u)" = 0 ] || die 1 "must run as root (use sudo)"
trap '' HUP PIPE
self=$(readlink -f "$0")
verb=${1:-}
if [ "$verb" = diff ]; then
  [ -r "${2:-}" ] || die 1 "cannot read ${2:-}"
  vtysh -C -f "$2" >&2 || exit 2
  exec "$reload" --test --stdout "$2" 2>/dev/null
fi
id=${2:-}
case $id in ''|*[!A-Za-z0-9_-]*) die 1 "ID must be letters, digits, - and _" ;; esac
[ ${#id} -le 64 ] || die 1 "ID is longer than 64 characters"
mkdir -p -m 700 "$dir" || die 1 "cannot make $dir"
state=$dir/$id
[ "$verb" = status ] && { drop_stale; status; exit 0; }
exec 9> "$dir/lock"
flock -w 180 9 || die 4 "another call is still working"
drop_stale
case $verb in
  begin) begin "${3:-}" "${4:-}" ;;
  confirm) confirm ;;
  rollback) rollback rollback ;;
  timeout) rollback revert ;;
  *) die 1 "use: hatang-cc begin ID SECONDS FILE | confirm ID | rollback ID | status ID | diff FILE" ;;
esac
