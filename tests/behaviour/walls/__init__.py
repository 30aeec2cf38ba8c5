"""Parts of the packet lab for firewalls: the network, what runs in it, and each kind of firewall.

In: the `firewall/` folder of a bundle and who may reach what (`Scenario`). Out: probes answered by real packets.
"""
