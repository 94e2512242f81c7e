#!/bin/sh
# Real programs that some tests use. Installed where we are root on Debian; elsewhere those tests skip by name.
set -eu
WANTED="chromium fonts-dejavu-core dovecot-imapd nsd unbound postfix"
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "not root on Debian: tests with real servers will skip"; exit 0; }
MISSING=""
for package in $WANTED; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || MISSING="$MISSING $package"
done
[ -z "$MISSING" ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Packages must not start their services: tests start private instances themselves.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
apt-get install -y -qq --no-install-recommends $MISSING >/dev/null
rm -f /usr/sbin/policy-rc.d
