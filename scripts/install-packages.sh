#!/bin/sh
# Installs the Debian packages that `make demo` or `make test` needs and that are missing.
# Usage: scripts/install-packages.sh demo|test
# As root it installs; otherwise it names what is missing: the demo then cannot run (exit 2),
# the tests that need a missing part are skipped by name; exit 2 too if the environment needs it.
set -eu

demo="ca-certificates iproute2 iputils-ping mmdebstrap nftables npm openssh-client python3-venv"
builds="npm python3-venv" # what `make env` itself needs
test="$demo chromium fonts-dejavu-core git libatomic1 openscap-scanner postgresql-15 prometheus-snmp-exporter rsyslog snmp ssg-debian"

case "${1:-}" in
  demo) wanted=$demo ;;
  test) wanted=$test ;;
  *) echo "usage: $0 demo|test" >&2; exit 2 ;;
esac

provided() { # a program from elsewhere serves as well as Debian's package
  case "$1" in
    npm) command -v npm ;;
    git) command -v git ;;
    python3-venv) "${PYTHON:-python3}" -c 'import ensurepip' ;;
    *) false ;;
  esac >/dev/null 2>&1
}

missing=""
for package in $wanted; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || provided "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "Missing Debian packages:$missing. Install them as root: apt-get install$missing" >&2
  [ "$1" = test ] || exit 2
  for package in $builds; do
    case "$missing " in
      *" $package "*) echo "Without $package the environment cannot be built." >&2; exit 2 ;;
    esac
  done
  echo "Tests that need them are skipped by name." >&2
  exit 0
fi

# A PostgreSQL that only tests use must not start a cluster of its own.
case "$missing" in
  *postgresql*)
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
      echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf ;;
esac
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
apt-get install -qq -y --no-install-recommends $missing >/dev/null 2>&1 || {
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends $missing >/dev/null
}
