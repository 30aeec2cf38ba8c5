"""The kinds of firewall: how the tool gets on and off, how its rules are harmed, and what else filters."""

import shlex
import shutil
import subprocess

from rig.process import environment, wait_until

from .lab import end

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_type="method_return"/><allow send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="signal"/><allow receive_type="method_return"/>
<allow receive_type="error"/></policy></busconfig>
"""
BOTH = ("iptables", "ip6tables")


class Nftables:
    """One table that owns INPUT."""

    name, applies = "nftables", 40
    rules = "firewall.nft"
    owns_input = True
    verified_in = "3"  # seconds that `verify` takes at most on a busy machine

    def path(self, lab):
        """What stands before PATH: tools that warn at every call, as ufw does where a folder above it is not its own."""
        folder = lab.folder / "warning"
        if not folder.exists():
            folder.mkdir(parents=True)
            for tool in ("nft", "ufw", "firewall-cmd", *BOTH):
                real = shutil.which(tool, path=environment()["PATH"])
                (folder / tool).write_text(f'#!/bin/sh\necho "WARN: / is world writable!" >&2\nexec {shlex.quote(real)} "$@"\n')
                (folder / tool).chmod(0o755)
        return f"{folder}:"

    def start(self, lab):
        """Brings the tool up, as an operator would have before."""

    def stop(self, lab):
        """Takes it down again."""

    def refused(self, lab):
        """What must be refused, and how the host gets there and back: name, before, after."""
        yield "while ufw is active", lambda: Ufw().start(lab), lambda: Ufw().stop(lab)
        yield "while firewalld runs", lambda: Firewalld().start(lab), lambda: Firewalld().stop(lab)

    def loaded(self, lab):
        """Whether our rules are there."""
        return lab.at("host", "nft", "list", "table", "inet", "stockade", check=False).returncode == 0

    def nudge(self, lab):
        """Changes the rules without effect, else there is nothing to apply."""
        lab.nft("add rule inet stockade bundle return")

    def foreign(self, lab):
        """Makes the rules another bundle's."""
        lab.nft('flush chain inet stockade bundle; add rule inet stockade bundle return comment "bundle-somebody"')

    def beside(self, lab):
        """What the tool beside the table opened, which `verify` must see and `apply` cannot repair: name, before, after."""
        return ()

    def harms(self, lab):
        """Ways to break the rules, each of which `verify` must see and `apply` must repair."""
        yield "an accept added", lambda: lab.nft("insert rule inet stockade published accept")
        yield "a chain emptied", lambda: lab.nft("flush chain inet stockade published")
        if any(lab.admin):
            admin = "admin4" if lab.admin[0] else "admin6"
            yield "a set emptied", lambda: lab.nft(f"flush set inet stockade {admin}")
        yield "an address added", lambda: lab.nft("add element inet stockade admin4 { 203.0.113.66 }")
        yield "the policy turned", lambda: lab.nft(f"chain inet stockade input {{ policy {self.other_policy}; }}")
        yield "the table put to sleep", lambda: lab.nft("add table inet stockade { flags dormant; }")
        yield "the table flushed", lambda: lab.nft("flush table inet stockade")
        yield "the table removed", lambda: lab.nft("delete table inet stockade")
        if self.owns_input:
            yield "everything flushed", lambda: lab.nft("flush ruleset")

    other_policy = "accept"

    @staticmethod
    def common(harms):
        """Those that are worth repeating where only the tool beside the table differs."""
        return (harm for harm in harms if harm[0] in ("a chain emptied", "the policy turned", "the table flushed", "the table removed"))

    def harmless(self, lab):
        """Changes that are not ours to mind: name, change."""
        yield "another tool's table", lambda: lab.nft("add table inet somebody")

    def open(self, lab, ports):
        """Tells the tool to let everybody in at these ports, as an operator may have done."""

    def reload(self, lab):
        """What the tool's operator may do at any time."""

    def restored(self, lab):
        """Losses that the tool makes good by itself, once the rules are installed: name, loss."""
        return ()


class Iptables(Nftables):
    """Own chains in raw and mangle."""

    name, applies = "iptables", 25
    rules = "firewall.rules"

    def both(self, lab, *rule):
        for tool in BOTH:
            self.run(lab, tool, *rule)

    def run(self, lab, tool, *rule, check=True):
        path = f"{self.path(lab)}{environment()['PATH']}"
        return lab.at("host", tool, "-w", "-t", "mangle", *rule, check=check, env=environment(PATH=path))

    def loaded(self, lab):
        return self.run(lab, "iptables", "-S", "STOCKADE", check=False).returncode == 0

    def nudge(self, lab):
        self.run(lab, "iptables", "-A", "STOCKADE", "-j", "RETURN")

    def foreign(self, lab):
        self.both(lab, "-F", "STOCKADE")
        self.both(lab, "-A", "STOCKADE", "-m", "comment", "--comment", "bundle-somebody", "-j", "RETURN")

    def harms(self, lab):
        yield "a return added", lambda: self.run(lab, "iptables", "-I", "STOCKADE-PUB", "1", "-j", "RETURN")
        yield "a return added for IPv6", lambda: self.run(lab, "ip6tables", "-I", "STOCKADE-IN", "1", "-j", "RETURN")
        yield "a chain emptied", lambda: self.both(lab, "-F", "STOCKADE-PUB")
        yield "a jump removed", lambda: self.both(lab, "-D", "FORWARD", "-j", "STOCKADE-FWD")
        yield "an accept before the jump", lambda: self.both(lab, "-I", "INPUT", "1", "-j", "ACCEPT")
        yield "the jump twice", lambda: self.both(lab, "-A", "INPUT", "-j", "STOCKADE-IN")
        yield "all rules flushed, the chains left", lambda: self.both(lab, "-F")
        yield "everything flushed", lambda: (self.both(lab, "-F"), self.both(lab, "-X"))

    def harmless(self, lab):
        yield "another tool's chain", lambda: self.both(lab, "-N", "SOMEBODY")


class IptablesLegacy(Iptables):
    """The same with the legacy back end."""

    applies = 10

    def path(self, lab):
        folder = lab.folder / "legacy"
        if not folder.exists():
            folder.mkdir()
            for tool in BOTH:
                for part in ("", "-restore", "-save"):
                    (folder / f"{tool}{part}").symlink_to("/usr/sbin/xtables-legacy-multi")
        return f"{folder}:"


class Ufw(Nftables):
    """ufw for ports of the host; the table for those that are named."""

    name, applies, owns_input, other_policy = "ufw", 6, False, "drop"
    verified_in = "10"

    def refused(self, lab):
        yield "while ufw is off", lambda: self.stop(lab), lambda: self.start(lab)
        yield "while ufw lets everything in", lambda: self.ufw(lab, "default", "allow"), lambda: self.ufw(lab, "default", "deny")
        yield "while firewalld runs", lambda: Firewalld().start(lab), lambda: (Firewalld().stop(lab), self.start(lab))

    def ufw(self, lab, *words):
        lab.at("host", "ufw", *words)

    hook = "/etc/ufw/after.init"

    def accept_forwarding(self, lab):
        """Docker accepts ahead of ufw's policy for what it forwards; where it is imitated, so is that."""
        for tool in BOTH if lab.imitates_docker else ():
            for direction in ("-i", "-o"):
                for bridge in lab.bridges:
                    lab.at("host", tool, "-w", "-I", "FORWARD", "1", direction, bridge, "-j", "ACCEPT")

    def start(self, lab):
        own = lab.folder / "ufw"
        if not own.exists():
            # The machine's own settings stay as they are: the lab has copies of those that packages bring.
            for path in ("/etc/ufw", "/etc/default"):
                shutil.copytree(path, own / path[1:], symlinks=True)
                lab.at("host", "mount", "--bind", own / path[1:], path)
            lab.at("host", "sed", "-i", "s/^ENABLED=.*/ENABLED=no/", "/etc/ufw/ufw.conf")
            self.ufw(lab, "--force", "reset")
        self.ufw(lab, "--force", "enable")
        # What `--install` writes there is what ufw runs.
        (lab.folder / "root/etc").mkdir(parents=True, exist_ok=True)
        if not (lab.folder / "root/etc/ufw").is_symlink():
            (lab.folder / "root/etc/ufw").symlink_to("/etc/ufw")
        self.accept_forwarding(lab)

    def stop(self, lab):
        self.ufw(lab, "disable")
        for tool in BOTH if lab.imitates_docker else ():
            lab.at("host", tool, "-w", "-F", "FORWARD")

    def beside(self, lab):
        yield "ufw lets everything in", lambda: self.ufw(lab, "default", "allow"), lambda: self.ufw(lab, "default", "deny")
        yield ("ufw lets everything in by a rule", lambda: self.ufw(lab, "allow", "from", "any"),
               lambda: self.ufw(lab, "delete", "allow", "from", "any"))

    def harms(self, lab):
        yield from self.common(super().harms(lab))
        protocol, port = lab.scenario.public[0]
        rule = next(line for line in (lab.firewall / "stockade.nft").read_text().splitlines()
                    if line.startswith(f"#ufw allow {port}") and line.endswith(protocol))
        yield "ufw's own rule deleted", lambda: self.ufw(lab, "delete", *rule.split()[1:])
        # The machine's copy lies in the host's own mounts.
        yield "ufw's start script emptied", lambda: lab.at("host", "sh", "-c", f"echo '#!/bin/sh' >{self.hook}")
        yield "a rule of ours too many", lambda: self.ufw(lab, "allow", "9999/tcp", "comment", "stockade")

    def again(self, lab):
        self.ufw(lab, "disable")
        self.ufw(lab, "--force", "enable")

    def harmless(self, lab):
        yield "the operator's own rule", lambda: self.ufw(lab, "allow", "9998/tcp")
        yield "a reload", lambda: self.ufw(lab, "reload")
        yield "ufw off and on again", lambda: self.again(lab)

    def open(self, lab, ports):
        for protocol, port in ports:
            self.ufw(lab, "allow", f"{port}/{protocol}")

    def reload(self, lab):
        self.ufw(lab, "reload")
        self.again(lab)

    def restored(self, lab):
        def lost(again):
            lab.nft("delete table inet stockade")
            again()

        yield "the table lost before a reload of ufw", lambda: lost(lambda: self.ufw(lab, "reload"))
        yield "the table lost before ufw off and on", lambda: lost(lambda: self.again(lab))


class Firewalld(Nftables):
    """firewalld for ports of the host; the table for those that are named."""

    name, applies, owns_input, other_policy = "firewalld", 6, False, "drop"
    verified_in = "10"

    def refused(self, lab):
        yield "while firewalld is off", lambda: self.stop(lab), lambda: self.start(lab)
        yield "while ufw is active", lambda: Ufw().start(lab), lambda: Ufw().stop(lab)
        yield ("while the zone lets everything in", lambda: self.target(lab, "ACCEPT"), lambda: self.target(lab, "default"))

    def target(self, lab, target):
        self.cmd(lab, "--permanent", "--zone=public", f"--set-target={target}")
        self.cmd(lab, "--reload")

    def cmd(self, lab, *words, check=True):
        return lab.at("host", "firewall-cmd", *words, check=check)

    def start(self, lab):
        own = lab.folder / "firewalld"
        if not own.exists():
            own.mkdir()
            lab.at("host", "mount", "--bind", own, "/etc/firewalld")
            (lab.folder / "bus.conf").write_text(BUS)
            lab.at("host", "mkdir", "-p", "/run/dbus")
            lab.bus = lab.host.start("dbus-daemon", "--nofork", "--nopidfile", f"--config-file={lab.folder}/bus.conf",
                                     stderr=subprocess.DEVNULL)
            wait_until(lambda: lab.at("host", "test", "-S", "/run/dbus/system_bus_socket", check=False).returncode == 0,
                       "the message bus listens", 10)
        log = (lab.folder / "firewalld.log").open("a")
        lab.firewalld = lab.host.start("firewalld", "--nofork", "--nopid", stdout=log, stderr=log)
        wait_until(lambda: self.cmd(lab, "--state", check=False).returncode == 0,
                   lambda: "firewalld runs: " + (lab.folder / "firewalld.log").read_text(), 30)
        if not lab.imitates_docker:
            return
        # As Docker does: its bridges are in a zone that accepts.
        if "docker" not in self.cmd(lab, "--get-zones").stdout.split():
            self.cmd(lab, "--permanent", "--new-zone=docker")
            self.cmd(lab, "--permanent", "--zone=docker", "--set-target=ACCEPT")
            for bridge in lab.bridges:
                self.cmd(lab, "--permanent", "--zone=docker", f"--add-interface={bridge}")
            # An operator who wants our rules to decide about ssh, too.
            self.cmd(lab, "--permanent", "--zone=public", "--remove-service=ssh")
            self.cmd(lab, "--reload")

    def stop(self, lab):
        end(lab.firewalld)

    def beside(self, lab):
        zone = "--zone=trusted"
        yield ("a zone of sources lets everything in", lambda: self.cmd(lab, zone, "--add-source=203.0.113.0/24"),
               lambda: self.cmd(lab, zone, "--remove-source=203.0.113.0/24"))
        yield "the zone opens every port", lambda: self.cmd(lab, "--add-port=1-65535/tcp"), lambda: self.cmd(
            lab, "--remove-port=1-65535/tcp")

    def harms(self, lab):
        yield from self.common(super().harms(lab))
        protocol, port = lab.scenario.public[0]
        rule = next(line for line in (lab.firewall / "stockade.nft").read_text().splitlines()
                    if line.startswith('#firewalld rule priority="-4711" port') and f'port="{port}' in line
                    and f'"{protocol}"' in line).removeprefix("#firewalld ")
        yield "firewalld's own rule removed", lambda: self.cmd(lab, f"--remove-rich-rule={rule}")
        yield "the same, for the next boot", lambda: self.cmd(lab, "--permanent", f"--remove-rich-rule={rule}")

    def harmless(self, lab):
        yield "the operator's own port", lambda: self.cmd(lab, "--add-port=9998/tcp")
        yield "a reload", lambda: self.cmd(lab, "--reload")
        yield "a complete reload", lambda: self.cmd(lab, "--complete-reload")

    def open(self, lab, ports):
        self.cmd(lab, *(f"--add-port={port}/{protocol}" for protocol, port in ports))

    def reload(self, lab):
        self.cmd(lab, "--reload")
        self.cmd(lab, "--complete-reload")


KINDS = {"nftables": Nftables, "iptables": Iptables, "iptables-legacy": IptablesLegacy, "ufw": Ufw, "firewalld": Firewalld}
