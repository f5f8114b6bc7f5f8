# Commit-confirm for files of a Linux server: what nobody confirms in time takes itself back.
#
# Run by root as the beginning of a script that goes on with `id=…`, a `stage` for each file and a verb:
#   try                 say what is wrong with the files, change nothing
#   difference          print how they differ from what is there, and from what runs
#   begin SECONDS       keep how things run, arm the timer, then bring the files into effect
#   confirm             write the files; a restart before it takes the change back as well
#   take_back           take the change back now
#   status              pending | reverting | confirmed | rolledback | rejected | unknown
#
# Exit status: 0 done, 1 wrong use, 2 rejected (nothing changed), 3 not pending, 4 another change is
# pending, 5 it came not into effect (what was there is back), 6 what was there did not all come back:
# then it stays `reverting`, and whoever looks finds why in its log.
#
# Confirmation and timer claim the change by renaming `pending`: rename(2) has exactly one winner.
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
base=${HATANG_CC_STATE:-/run/hatang-cc}
LONGEST=20 # seconds that one command may take

die() { echo "$2" >&2; exit "$1"; }

[ "$(id -u)" = 0 ] || die 1 'needs root, or sudo without a password'
mkdir -p -m 700 "$base" || die 1 "cannot make $base"
staging=$(mktemp -d "$base/.staged-XXXXXX") || die 1 "cannot write to $base"
trap 'rm -rf "$staging"' EXIT
trap '' HUP PIPE
count=0

stage() { # PATH CONTENT CHECK RUNS KEEP APPLY BACK
    count=$((count + 1))
    set -- "$staging/$(printf %03d $count)" "$@"
    mkdir "$1" || die 1 'cannot stage'
    printf '%s' "$2" > "$1/path" && printf '%s' "$3" > "$1/wanted" && printf '%s\n' "$4" > "$1/check" &&
        printf '%s\n' "$5" > "$1/runs" && printf '%s\n' "$6" > "$1/keep" && printf '%s\n' "$7" > "$1/apply" &&
        printf '%s\n' "$8" > "$1/back" ||
        die 1 'cannot stage: is the disk full?'
}

told() { timeout -k 2 $LONGEST sh "$1/$2" "$1/$3" 9>&-; } # FILE COMMAND ARGUMENT

try() {
    for one in "$staging"/*/; do
        told "${one%/}" check wanted >"$staging/said" 2>&1 ||
            die 2 "$(cat "${one%/}/path"): $(tail -n 5 "$staging/said")"
    done
}

difference() {
    for one in "$staging"/*/; do
        there=$(cat "$one/path")
        [ -e "$there" ] || there=/dev/null
        if ! cmp -s "$there" "$one/wanted"; then
            echo "# file: $(cat "$one/path")"
            diff -U0 "$there" "$one/wanted" | tail -n +3 | grep -v '^@@'
        fi
        # A file that is as wanted says nothing of what runs; what nobody can tell is not unchanged.
        runs=$(told "${one%/}" runs wanted 2>/dev/null) || runs='? cannot be told'
        [ -z "$runs" ] || printf '# runs: %s\n%s\n' "$(cat "$one/path")" "$runs"
    done
    return 0
}

status() {
    for word in pending reverting confirmed rolledback rejected; do
        [ -e "$base/$id/$word" ] && { echo $word; return; }
    done
    echo unknown
}

claim() { mv -T "$base/$id/pending" "$base/$id/$1" 2>/dev/null; }

give_back() { # the caller has claimed the change
    failed=0
    for one in $(ls -rd "$base/$id"/files/*/); do
        told "${one%/}" back before >>"$base/$id/log" 2>&1 || failed=1
    done
    [ $failed = 0 ] || die 6 "not all came back: $(tail -n 5 "$base/$id/log")"
    mv -T "$base/$id/reverting" "$base/$id/rolledback"
}

timer() { # SECONDS: what waits in a process of its own, of which the end of a login is no end
    {
        printf 'PATH=%s\nsleep %s\nexec 9>"%s/lock"\nflock 9\n' "$PATH" "$1" "$base"
        printf 'cd "%s/%s" && mv -T pending reverting || exit 0\n' "$base" "$id"
        printf 'failed=0\nfor one in $(ls -rd files/*/); do\n'
        printf '    timeout -k 2 %s sh "$one/back" "$one/before" 9>&- >>log 2>&1 || failed=1\n' $LONGEST
        printf 'done\n[ $failed = 1 ] || mv -T reverting rolledback\n'
    } > "$base/$id/timer.sh" || return 1
    if [ "$(cat /proc/1/comm)" = systemd ]; then
        systemd-run --quiet --collect --unit="hatang-cc-$id" sh "$base/$id/timer.sh"
    else
        setsid -f sh "$base/$id/timer.sh" 9>&- </dev/null >/dev/null 2>&1
    fi
}

locked() {
    exec 9>"$base/lock"
    flock -w 60 9 || die 4 'another call is still working'
}

begin() {
    locked
    [ -e "$base/$id" ] && die 3 "$id was used before: $(status)"
    for other in "$base"/*/pending "$base"/*/reverting; do
        [ -e "$other" ] && die 4 "another change is pending: $other"
    done
    try
    mkdir -p "$base/$id/files" && mv "$staging"/[0-9]* "$base/$id/files" || die 2 'cannot keep the files'
    for one in "$base/$id"/files/*/; do
        told "${one%/}" keep wanted >"$one/before" 2>"$base/$id/log" ||
            { : >"$base/$id/rejected"; die 2 "$(cat "$one/path"): what runs cannot be kept: $(tail -n 5 "$base/$id/log")"; }
    done
    : >"$base/$id/pending" || die 2 'cannot note that it waits'
    timer "$1" || { claim rejected; die 2 'the timer cannot be armed'; }
    for one in "$base/$id"/files/*/; do
        told "${one%/}" apply wanted >"$base/$id/log" 2>&1 && continue
        said=$(tail -n 5 "$base/$id/log")
        if claim reverting; then give_back; fi
        die 5 "$(cat "$one/path"): $said"
    done
}

confirm() {
    locked
    [ -e "$base/$id/pending" ] || die 3 "$id is not pending: $(status)"
    for one in "$base/$id"/files/*/; do
        path=$(cat "$one/path")
        cp "$one/wanted" "$path.hatang-new" && chmod 644 "$path.hatang-new" && sync "$path.hatang-new" ||
            { rm -f "$path.hatang-new"; die 5 "$path: cannot be written"; }
        [ ! -e "$path" ] || chmod --reference="$path" "$path.hatang-new"
    done
    claim confirmed || die 3 "$id is not pending: $(status)"
    for one in "$base/$id"/files/*/; do
        path=$(cat "$one/path")
        mv -fT "$path.hatang-new" "$path" || die 5 "$path: confirmed, but cannot be written"
    done
}

take_back() {
    locked
    claim reverting || die 3 "$id is not pending: $(status)"
    give_back
}

