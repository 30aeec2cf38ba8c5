"""Who shows no certificate of the clients' authority gets no answer of the application's; other sites of the same proxy ask for none."""

import unittest

import rig
from rig import shared

MANAGER, API = "play.home.arpa", "api.play.home.arpa"


class Clients:
    """The checks; each class below runs them on one proxy."""

    proxy = None

    @classmethod
    def setUpClass(cls):
        engine = shared.engine()
        profile = rig.profile(cls.proxy, settings={"api_public": True})
        profile["proxy"] |= {"bind": ["0.0.0.0"], "client_certificates": {"sites": ["manager"]}}
        cls.bundle = rig.Bundle(engine, profile, name=f"clients-{cls.proxy}")
        program = engine.folder / "stockade"
        cls.told = cls.bundle.said
        cls.issue = ("certs", "issue", "-p", cls.bundle.profile, "-o", cls.bundle.path, "--client")
        cls.bundle.stockade(program, *cls.issue, "laptop")
        cls.certificate = cls.bundle.path / "certs/clients/laptop.crt", cls.bundle.path / "certs/clients/laptop.key"
        cls.strange = cls.another(program)
        cls.stack = cls.enterClassContext(rig.Stack(engine, cls.bundle))

    @classmethod
    def another(cls, program):
        """A client's certificate that an authority of the same name has signed, which is another one."""
        clients, aside = cls.bundle.path / "certs/clients", cls.bundle.path.parent / f"{cls.bundle.path.name}-others"
        clients.rename(aside)
        cls.bundle.stockade(program, *cls.issue, "laptop")
        strange = cls.bundle.path.parent / f"{cls.bundle.path.name}-strange"
        clients.rename(strange)
        aside.rename(clients)
        return strange / "laptop.crt", strange / "laptop.key"

    def ask(self, host, *certificate, sent=None):
        shown = ("--cert", certificate[0], "--key", certificate[1]) if certificate else ()
        also = ("--header", f"Host: {sent}") if sent else ()
        # Over HTTP/1.1 and HTTP/2 alike, one name in the handshake and another in the request is one's own choice.
        return self.stack.curl("admin", "/", *shown, *also, host=host, user=self.stack.login(), check=False)

    def refused(self, answer):
        """nginx says it in an answer, the others end the handshake."""
        self.assertIn(answer.status if answer else None, (400, 421) if self.proxy == "nginx" else (None, 421))
        self.assertNotIn("hyos", (answer.body if answer else "").lower())

    def test_a_client_with_a_certificate_is_served(self):
        answer = self.ask(MANAGER, *self.certificate)
        # On to the application's own log-in.
        self.assertEqual((answer.status, answer.header("location")), (307, "/login"))

    def test_others_are_not(self):
        self.refused(self.ask(MANAGER))
        self.refused(self.ask(MANAGER, *self.strange))

    def test_another_name_in_the_handshake_is_no_way_in(self):
        self.refused(self.ask(API, sent=MANAGER))

    def test_other_sites_ask_for_none(self):
        self.assertNotIn(self.ask(API).status, (400, 421))


class Traefik(Clients, unittest.TestCase):
    proxy = "traefik"


class Nginx(Clients, unittest.TestCase):
    proxy = "nginx"


class Caddy(Clients, unittest.TestCase):
    proxy = "caddy"
