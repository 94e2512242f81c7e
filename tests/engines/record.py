"""Records what real mail servers answer to forged mail: tests/corpus/engines is made by this, the tests read only that.

    sudo .venv/bin/python tests/engines/record.py [postfix exim opensmtpd sendmail dovecot]

Debian, as root. Each engine is installed from its Debian package into a throw-away layer over this system and runs in
namespaces of its own (files, network, host name, processes): nothing outside is touched, the system's own servers are
not asked, and all of it ends with the script. Inside, the addresses are the reserved ones:

    203.0.113.66  the forger, who sends as info@example.org      192.0.2.10  mx.example.net, the engine
    192.0.2.25    mx.example.com, a receiver that refuses        192.0.2.30  mx.example.org, the forged owner's server
"""

from __future__ import annotations

import shutil
import smtplib
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "engines"
RECORDED = Path("/recorded")  # inside the layer
FORGER, ENGINE, RECEIVER, OWNER = "203.0.113.66", "192.0.2.10", "192.0.2.25", "192.0.2.30"
PATIENCE = 40  # seconds until every answer is there
HOSTS = f"""127.0.0.1 localhost
{FORGER} host66.dialup.example
{ENGINE} mx.example.net
{RECEIVER} mx.example.com
{OWNER} mx.example.org
"""

# What mx.example.com says to whom: at RCPT, or after the message (RFC 5321 section 4.2, RFC 3463, RFC 7372).
AT_RCPT = {
    "spf": f"550 5.7.23 <info@example.org>: SPF check failed, {ENGINE} may not send for example.org",
    "blocked": f"554 5.7.1 Service refused; client host [{ENGINE}] is listed by bl.example",
    "gone": "550 5.1.1 <gone@example.com>: no such user here",
    "overquota": "552 5.2.2 This user has no space left for new mail",
    "later": "451 4.7.1 Please try again later",
}
AFTER_DATA = {
    "dmarc": "550 5.7.26 Unauthenticated mail from example.org is refused by the domain's DMARC policy",
    "spam": "554 5.7.1 This message was classified as spam and rejected",
    "virus": "554 5.7.1 Virus found: Test.Sample-1",
    "toobig": "552 5.3.4 Message size exceeds the limit of this system",
}


class Scenario(NamedTuple):
    """One forged mail: to whom, and what the answer is, by what the engine was made to do."""

    to: tuple[str, ...]
    kind: str = "dsn"
    detail: str = "failed"
    reason: str = ""
    notify: str = ""


REMOTE = {
    "spf": Scenario(("spf@example.com",), reason="auth-spf"),
    "dmarc": Scenario(("dmarc@example.com",), reason="auth-dmarc"),
    "spam": Scenario(("spam@example.com",), reason="spam-content"),
    "virus": Scenario(("virus@example.com",), reason="virus"),
    "blocked": Scenario(("blocked@example.com",), reason="ip-blocklisted"),
    "overquota": Scenario(("overquota@example.com",), reason="mailbox-full"),
    "toobig": Scenario(("toobig@example.com",), reason="too-big"),
    "gone": Scenario(("gone@example.com",), reason="user-unknown"),
    "two": Scenario(("gone@example.com", "spf@example.com")),
    "later": Scenario(("later@example.com",), detail="delayed"),
    "relayed": Scenario(("friend@example.com",), detail="relayed", notify="SUCCESS"),
}
DELIVERED = Scenario(("friend@example.com",), detail="delivered", notify="SUCCESS")
LOCAL = {
    "unknown": Scenario(("nobody.here@example.net",), reason="user-unknown"),
    "full": Scenario(("full@example.net",), reason="mailbox-full"),
    "delivered": Scenario(("reader@example.net",), detail="delivered", notify="SUCCESS"),
}
SIEVE = {
    "vacation": Scenario(("plain@example.net",), "autoreply", "vacation"),
    "vacation-subject": Scenario(("subject@example.net",), "autoreply", "vacation"),
    "vacation-html": Scenario(("html@example.net",), "autoreply", "vacation"),
    "vacation-moved": Scenario(("moved@example.net",), "autoreply", "address-retired"),
    "vacation-left": Scenario(("left@example.net",), "autoreply", "left-company"),
    "reject": Scenario(("reject@example.net",), "mdn", "deleted"),
}


def forged(name: str, scenario: Scenario) -> str:
    """The mail that the forger sends in the name of info@example.org."""
    return "\r\n".join((
        "Received: from workstation (unknown [198.51.100.7]) by relay.forger.example with SMTP id 7A; "
        + formatdate(time.time() - 60),
        "From: Example Info <info@example.org>",
        f"To: {', '.join(scenario.to)}",
        f"Subject: Your parcel is waiting ({name})",
        f"Date: {formatdate()}",
        f"Message-ID: <{name}.1@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "Dear customer,",
        "",
        "your parcel could not be handed over. Pay the fee of 1.99 today:",
        "http://parcel.example/pay",
        "",
    ))  # fmt: skip


# --- the two servers around the engine -------------------------------------------------------------------------


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True

    def __init__(self, address: str, name: str) -> None:
        self.name, self.kept = name, list[bytes]()
        super().__init__((address, 25), Session)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Session(socketserver.StreamRequestHandler):
    server: Server

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.sender, self.to, self.helo = "", list[str](), ""
        self.say(f"220 {self.server.name} ESMTP")
        while line := self.rfile.readline().decode("latin-1").strip():
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                self.say("221 2.0.0 bye")
                return
            getattr(self, f"on_{verb.lower()}", self.on_other)(rest)

    def on_other(self, rest: str) -> None:
        self.say("250 2.0.0 ok")

    def on_ehlo(self, rest: str) -> None:
        self.helo = rest
        self.say(f"250-{self.server.name}\r\n250 8BITMIME")

    def on_mail(self, rest: str) -> None:
        self.sender, self.to = rest.partition("<")[2].partition(">")[0], []
        self.say("250 2.1.0 ok")

    def on_rcpt(self, rest: str) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        reply = AT_RCPT.get(address.partition("@")[0], "250 2.1.5 ok")
        if reply.startswith("250"):
            self.to.append(address)
        self.say(reply)

    def on_data(self, rest: str) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        reply = AFTER_DATA.get(self.to[0].partition("@")[0], "250 2.0.0 kept")
        if reply.startswith("250"):
            self.server.kept.append(self.stamp() + b"".join(lines).replace(b"\r\n", b"\n"))
        self.say(reply)

    def stamp(self) -> bytes:
        peer = self.client_address[0]
        return (
            f"Return-Path: <{self.sender}>\nReceived: from {self.helo} ({socket.getfqdn(peer)} [{peer}])\n"
            f"\tby {self.server.name} with ESMTP id {len(self.server.kept) + 1:04X}\n"
            f"\tfor <{self.to[0]}>; {formatdate()}\n"
        ).encode()


# --- the engines ------------------------------------------------------------------------------------------------


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def stay(*command: str) -> None:
    """Starts a server that does not go to the background itself: it ends with the namespace."""
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def people(*names: str) -> None:
    for name in names:
        run("useradd", "--create-home", name)


def postfix() -> None:
    people("reader", "full")
    write("/var/mail/full", "From x\n" + "x" * 19_990)
    shutil.chown("/var/mail/full", "full", "mail")
    write(
        "/etc/postfix/main.cf",
        f"""compatibility_level = 3.6
myhostname = mx.example.net
mydestination = example.net
inet_interfaces = {ENGINE}
inet_protocols = ipv4
mynetworks = {FORGER}
smtp_host_lookup = native
local_recipient_maps =
message_size_limit = 20000
mailbox_size_limit = 20000
transport_maps = inline:{{ {{example.com=smtp:[mx.example.com]}} {{example.org=smtp:[mx.example.org]}} }}
delay_warning_time = 3s
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
smtpd_sasl_auth_enable = no
maillog_file = /var/log/postfix.log
""",
    )
    run("postconf", "-F", "*/*/chroot=n")
    run("newaliases")
    run("postfix", "start")


def exim() -> None:
    people("reader", "full")
    write(
        "/etc/exim4/exim4.conf",
        f"""primary_hostname = mx.example.net
local_interfaces = {ENGINE}
acl_smtp_rcpt = everybody
acl_smtp_data = everybody
dsn_advertise_hosts = *
tls_advertise_hosts =
delay_warning = 3s
keep_environment =
begin acl
everybody:
  accept
begin routers
away:
  driver = manualroute
  domains = ! example.net
  transport = smtp
  route_list = example.com mx.example.com byname ; example.org mx.example.org byname
  no_more
here:
  driver = accept
  check_local_user
  transport = box
  cannot_route_message = Unknown user
begin transports
smtp:
  driver = smtp
  hosts_try_dane =
box:
  driver = appendfile
  file = /var/mail/$local_part_data
  group = mail
  mode = 0660
  quota = ${{if eq{{$local_part}}{{full}}{{100}}{{0}}}}
begin retry
example.com * F,2h,3s
example.net quota F,1s,1s
""",
    )
    stay("exim4", "-bdf", "-q3s")


def opensmtpd() -> None:
    people("reader")
    write(
        "/etc/smtpd.conf",
        f"""bounce warn-interval 3s
listen on {ENGINE} hostname mx.example.net
action here mbox
action far relay host smtp://{RECEIVER}
action owner relay host smtp://{OWNER}
match from any for domain example.com action far
match from any for domain example.org action owner
match from any for domain example.net action here
""",
    )
    write("/etc/mail/mailname", "mx.example.net\n")
    write("/etc/mailname", "mx.example.net\n")
    stay("smtpd", "-d")


def sendmail() -> None:
    write(
        "/etc/mail/own.mc",
        """include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
define(`confDOMAIN_NAME', `mx.example.net')dnl
define(`confSERVICE_SWITCH_FILE', `/etc/mail/own.switch')dnl
define(`confTO_QUEUEWARN', `3s')dnl
define(`confTO_QUEUEWARN_NORMAL', `3s')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
undefine(`ALIAS_FILE')dnl
define(`QUEUE_DIR', `/var/spool/own')dnl
define(`confDEF_USER_ID', `daemon')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confTO_IDENT', `0')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`mailertable', `text -k0 -v1 /etc/mail/own.table')dnl
LOCAL_DOMAIN(`example.net')dnl
DAEMON_OPTIONS(`Name=MTA, Addr=192.0.2.10')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
""",
    )
    write("/etc/mail/own.table", f"example.com esmtp:[{RECEIVER}]\nexample.org esmtp:[{OWNER}]\n")
    write("/etc/mail/own.switch", "hosts files\n")
    for folder in ("/var/lib/sendmail/host_status", "/var/spool/own"):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    Path("/etc/mail/own.cf").write_bytes(
        subprocess.run(("m4", "/etc/mail/own.mc"), check=True, capture_output=True).stdout
    )
    stay("sendmail", "-C/etc/mail/own.cf", "-bD", "-q3s")


SCRIPTS = {
    "plain": 'vacation :days 3 "I am away until the end of the month and will read your mail then.";',
    "subject": 'vacation :subject "Abwesenheit" "Ich bin bis Montag im Urlaub und lese keine Mails.";',
    "html": "vacation :mime text:\nContent-Type: text/html; charset=utf-8\n\n"
    "<html><body><p>Je suis en cong\u00e9 jusqu'au 3 septembre.</p></body></html>\n.\n;",
    "moved": 'vacation :subject "New address" "My address has changed, please write to new@example.com.";',
    "left": 'vacation "Robin no longer works at this company. Please write to office@example.net.";',
    "reject": 'reject "I do not accept mail from strangers.";',
}


def dovecot() -> None:
    run("useradd", "--create-home", "--home-dir", "/srv/mail", "vmail")
    for name, script in SCRIPTS.items():
        write(f"/srv/mail/{name}/.sieve", 'require ["vacation", "reject"];\n' + script)
    run("chown", "-R", "vmail", "/srv/mail")
    write(
        "/etc/dovecot/own.conf",
        f"""protocols = lmtp
listen = {ENGINE}
ssl = no
hostname = mx.example.net
postmaster_address = postmaster@example.net
submission_host = {OWNER}:25
mail_location = maildir:~/Maildir
log_path = /var/log/dovecot.log
auth_username_format = %n
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=vmail gid=vmail home=/srv/mail/%n
}}
service lmtp {{
  inet_listener lmtp {{
    address = {ENGINE}
    port = 25
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/sieve;active=~/.sieve
}}
""",
    )
    run("dovecot", "-c", "/etc/dovecot/own.conf")


class Engine(NamedTuple):
    start: Callable[[], None]
    packages: tuple[str, ...]
    scenarios: dict[str, Scenario]


def without(scenarios: dict[str, Scenario], *names: str) -> dict[str, Scenario]:
    return {name: scenario for name, scenario in scenarios.items() if name not in names}


ENGINES = {
    "postfix": Engine(postfix, ("postfix",), REMOTE | LOCAL),
    # Exim says in words that it relayed, and writes "Action: delivered".
    "exim": Engine(exim, ("exim4-daemon-light",), REMOTE | LOCAL | {"relayed": DELIVERED}),
    "opensmtpd": Engine(opensmtpd, ("opensmtpd",), REMOTE | without(LOCAL, "unknown", "full")),
    "sendmail": Engine(sendmail, ("sendmail-bin", "m4"), REMOTE),
    "dovecot": Engine(dovecot, ("dovecot-lmtpd", "dovecot-sieve"), SIEVE),
}


# --- recording --------------------------------------------------------------------------------------------------


def send(name: str, scenario: Scenario, client: type[smtplib.SMTP]) -> None:
    """The forger hands the mail to the engine, which accepts it."""
    with client(ENGINE, 25, local_hostname="relay.forger.example", source_address=(FORGER, 0)) as server:
        options = [f"NOTIFY={scenario.notify}"] if scenario.notify else []
        server.sendmail("info@example.org", scenario.to, forged(name, scenario), rcpt_options=options)


class Lmtp(smtplib.LMTP):
    def __init__(self, host: str, port: int, local_hostname: str, source_address: tuple[str, int]) -> None:
        smtplib.SMTP.__init__(self, host, port, local_hostname, source_address=source_address)


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            return socket.create_connection((address, 25), 1, (FORGER, 0)).close()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers at {address}")


def inside(name: str) -> None:
    """In the layer and its namespaces: start everything, send every forged mail, keep what mx.example.org gets."""
    engine = ENGINES[name]
    run("ip", "link", "set", "lo", "up")
    for address in (FORGER, ENGINE, RECEIVER, OWNER):
        run("ip", "addr", "add", f"{address}/32", "dev", "lo")
    for address in (RECEIVER, OWNER):  # whoever speaks to them is seen as the engine
        run("ip", "route", "change", "local", address, "dev", "lo", "src", ENGINE, "table", "local")
    run("hostname", "mx.example.net")
    write("/etc/hosts", HOSTS)
    write("/etc/resolv.conf", "nameserver 192.0.2.53\noptions timeout:1 attempts:1\n")
    Server(RECEIVER, "mx.example.com")
    owner = Server(OWNER, "mx.example.org")
    engine.start()
    wait_for(ENGINE)
    for which, scenario in engine.scenarios.items():
        send(which, scenario, Lmtp if name == "dovecot" else smtplib.SMTP)
    deadline, missing = time.monotonic() + PATIENCE, set(engine.scenarios)
    while missing and time.monotonic() < deadline:
        time.sleep(1)
        if name == "opensmtpd":
            subprocess.run(("smtpctl", "schedule", "all"), capture_output=True)
        missing -= {which for which in missing if answer(which, engine.scenarios[which], owner.kept)}
    RECORDED.mkdir()
    for which, scenario in engine.scenarios.items():
        if mail := answer(which, scenario, owner.kept):
            (RECORDED / f"{which}.eml").write_bytes(mail)
    print(f"{name}: {len(owner.kept)} answers, none for: {', '.join(sorted(missing)) or '-'}")


def answer(which: str, scenario: Scenario, kept: list[bytes]) -> bytes | None:
    """The first mail that speaks of this scenario's forged mail; a warning of delay only where that is the answer."""
    about = (mail for mail in kept if b"<%s.1@example.org>" % which.encode() in mail)
    wanted = scenario.detail == "delayed"
    return next((mail for mail in about if (b"Action: delayed" in mail) == wanted), None)


INSTALL = """set -e
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq; apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
"""
LAYER = """set -e
mount -t overlay overlay -o lowerdir=/,upperdir=$1/upper,workdir=$1/work $1/root
mount --rbind /proc $1/root/proc; mount --rbind /dev $1/root/dev; mount -t tmpfs tmpfs $1/root/run
root=$1; shift; exec chroot $root/root "$@"
"""


ALONE = ("--net", "--uts", "--pid", "--fork", "--kill-child")


def in_layer(folder: Path, *command: str, namespaces: tuple[str, ...] = ()) -> None:
    layer = ("unshare", "--mount", *namespaces, "sh", "-c", LAYER, "layer", str(folder))
    subprocess.run((*layer, *command), check=True)


def record(name: str) -> None:
    """One engine's recordings and expectations, written anew under tests/corpus/engines/NAME."""
    with tempfile.TemporaryDirectory(prefix="engine-") as there:
        folder = Path(there)
        folder.chmod(0o755)
        for part in ("upper", "work", "root"):
            (folder / part).mkdir()
        in_layer(folder, "sh", "-c", INSTALL, "install", *ENGINES[name].packages)
        in_layer(folder, sys.executable, __file__, "--inside", name, namespaces=ALONE)
        shutil.rmtree(CORPUS / name, ignore_errors=True)
        shutil.copytree(folder / "upper" / "recorded", CORPUS / name)
    recorded = {path.stem for path in (CORPUS / name).glob("*.eml")}
    expected = [toml(which, scenario) for which, scenario in ENGINES[name].scenarios.items() if which in recorded]
    (CORPUS / name / "expected.toml").write_text("\n".join(expected))


def toml(which: str, scenario: Scenario) -> str:
    to = ", ".join(f'"{address}"' for address in scenario.to)
    return (
        f'[{which}]\nkind = "{scenario.kind}"\ndetail = "{scenario.detail}"\nreason = "{scenario.reason}"\n'
        f"recipients = [{to}]\n"
    )


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--inside"]:
        inside(arguments[1])
    else:
        for name in arguments or ENGINES:
            record(name)


if __name__ == "__main__":
    main(sys.argv[1:])
