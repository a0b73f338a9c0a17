//! Socket addresses as the kernel lays them out (`sockaddr_in`, `sockaddr_in6`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// The longest of them, `sockaddr_in6`.
pub const LENGTH: usize = 28;
const V4_LENGTH: usize = 16;

/// An address for the kernel to read.
#[derive(Clone, Copy, Debug)]
pub struct RawAddress {
    pub bytes: [u8; LENGTH],
    pub length: usize,
}

impl From<SocketAddr> for RawAddress {
    fn from(address: SocketAddr) -> RawAddress {
        let mut bytes = [0; LENGTH];
        let (family, length) = match address {
            SocketAddr::V4(address) => {
                bytes[4..8].copy_from_slice(&address.ip().octets());
                (libc::AF_INET, V4_LENGTH)
            }
            SocketAddr::V6(address) => {
                bytes[4..8].copy_from_slice(&address.flowinfo().to_be_bytes());
                bytes[8..24].copy_from_slice(&address.ip().octets());
                bytes[24..28].copy_from_slice(&address.scope_id().to_ne_bytes());
                (libc::AF_INET6, LENGTH)
            }
        };
        bytes[..2].copy_from_slice(&(family as libc::sa_family_t).to_ne_bytes());
        bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
        RawAddress { bytes, length }
    }
}

/// Read an address the kernel wrote; None if it is of another family or cut.
pub fn parse(bytes: &[u8]) -> Option<SocketAddr> {
    let family = libc::sa_family_t::from_ne_bytes(array(bytes, 0)?);
    let port = u16::from_be_bytes(array(bytes, 2)?);
    match i32::from(family) {
        libc::AF_INET => {
            let ip = Ipv4Addr::from(array::<4>(bytes, 4)?);
            Some(SocketAddr::new(IpAddr::V4(ip), port))
        }
        libc::AF_INET6 => {
            let flow = u32::from_be_bytes(array(bytes, 4)?);
            let ip = Ipv6Addr::from(array::<16>(bytes, 8)?);
            let scope = u32::from_ne_bytes(array(bytes, 24)?);
            Some(SocketAddr::V6(SocketAddrV6::new(ip, port, flow, scope)))
        }
        _ => None,
    }
}

fn array<const LENGTH: usize>(bytes: &[u8], start: usize) -> Option<[u8; LENGTH]> {
    bytes.get(start..start + LENGTH)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_went() {
        for text in ["127.0.0.1:5060", "255.1.2.3:65535", "[2001:db8::1]:4000"] {
            let address: SocketAddr = text.parse().expect("it is an address");
            let raw = RawAddress::from(address);
            assert_eq!(parse(&raw.bytes[..raw.length]), Some(address));
        }
        let scoped = SocketAddrV6::new("fe80::1".parse().expect("an address"), 7, 5, 3);
        let raw = RawAddress::from(SocketAddr::V6(scoped));
        assert_eq!(parse(&raw.bytes), Some(SocketAddr::V6(scoped)));
    }

    #[test]
    fn what_is_cut_or_foreign_is_none() {
        let raw = RawAddress::from(SocketAddr::from(([127, 0, 0, 1], 80)));
        assert_eq!(parse(&raw.bytes[..7]), None);
        assert_eq!(parse(&[]), None);
        assert_eq!(parse(&[0xff; LENGTH]), None);
    }
}
