"""Pages to phones that listen to a multicast address."""
