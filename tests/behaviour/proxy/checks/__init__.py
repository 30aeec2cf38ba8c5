"""What is asked, one module a subject."""

from . import (allow_list, authentication, balancer, blocked, bodies, cross_site, down, firewall, forwarding, headers, hosts,
               log, rates, redirects, streaming, tls)

# `down` stops the applications for a while.
SUBJECTS = [firewall, headers, redirects, hosts, tls, allow_list, authentication, blocked, cross_site, forwarding, bodies,
            streaming, rates, balancer, log, down]
