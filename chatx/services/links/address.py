"""Which addresses may be asked for a page: those of the public internet, and nothing that is nearer to us.

The lists are ours, after IANA's registries of special addresses: what Python calls global differs from release to release.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# This host, the networks behind it, carriers' NAT, clouds' metadata, relays, documentation, measurements, many at once.
NEAR_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
]
# Of IPv6 only what is handed out for the internet. Loopback, mapped and compatible IPv4, NAT64, unique local, link-local,
# site-local and multicast addresses lie outside of it.
FAR_6 = IPv6Network("2000::/3")
# Teredo and other protocols, documentation, 6to4: what leads on to an address that nobody has looked at.
NEAR_6 = [IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # above an IPv4 address in the lower half, in any network


def is_public(address: str) -> bool:
    """Whether this address, as a resolver gives it, is of the public internet."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return _is_far_4(ip) if isinstance(ip, IPv4Address) else _is_far_6(ip)


def _is_far_4(ip: IPv4Address) -> bool:
    return not any(ip in network for network in NEAR_4)


def _is_far_6(ip: IPv6Address) -> bool:
    leads_on = int(ip) >> 32 & 0xFFFF_FFFF in ISATAP
    return ip in FAR_6 and not leads_on and not any(ip in network for network in NEAR_6)
