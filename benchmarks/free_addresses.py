"""Addresses for workers of this machine."""

import socket


def free_addresses(count: int) -> list[str]:
    """Finds ports that nobody listens on.

    Args:
        count: int. How many.

    Returns:
        `localhost:port` of each, all different.

    Example:
        >>> len(set(free_addresses(2)))
        2
    """
    sockets = [socket.socket() for _ in range(count)]
    for free in sockets:
        free.bind(("localhost", 0))
    addresses = [f"localhost:{free.getsockname()[1]}" for free in sockets]
    for free in sockets:
        free.close()
    return addresses
