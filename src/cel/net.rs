//! `ip()` and `cidr()`: addresses as Go's `net/netip` reads them, without zones and without IPv4 in IPv6.

use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::functions::Refusal;
use super::machine::Machine;
use super::value::Value;

type Done<'a> = Result<Value<'a>, Refusal>;

/// An address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip(IpAddr);

/// A block of addresses. The address may have bits beyond the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    ip: Ip,
    bits: u8,
}

impl Ip {
    fn parse(text: &str) -> Option<Self> {
        match text.parse().ok()? {
            IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => None,
            address => Some(Self(address)),
        }
    }

    /// Returns the bits from the first, of 128 or 32.
    fn number(self) -> (u128, u8) {
        match self.0 {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        }
    }
}

impl Display for Ip {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Display for Cidr {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.ip, self.bits)
    }
}

impl Cidr {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.rsplit_once('/')?;
        let ip = Ip::parse(address)?;
        let plain =
            bits.bytes().all(|byte| byte.is_ascii_digit()) && (bits.len() == 1 || !bits.starts_with('0'));
        let bits: u8 = bits.parse().ok().filter(|_| plain)?;
        (bits <= ip.number().1).then_some(Self { ip, bits })
    }

    /// Keeps of an address what is within the prefix.
    fn kept(self, ip: Ip) -> u128 {
        let (number, width) = ip.number();
        match width - self.bits {
            128 => 0,
            free => number >> free << free,
        }
    }

    fn contains(self, ip: Ip) -> bool {
        ip.number().1 == self.ip.number().1 && self.kept(ip) == self.kept(self.ip)
    }

    fn masked(self) -> Self {
        let kept = self.kept(self.ip);
        let address = match self.ip.0 {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(kept).unwrap_or(0))),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(kept)),
        };
        Self { ip: Ip(address), ..self }
    }
}

fn text<'v>(args: &'v [Value<'_>]) -> Result<&'v str, Refusal> {
    match args {
        [Value::String(text)] => Ok(text),
        _ => Err(Refusal::NoOverload),
    }
}

fn address(args: &[Value<'_>]) -> Result<IpAddr, Refusal> {
    match args {
        [Value::Ip(ip)] => Ok(ip.0),
        _ => Err(Refusal::NoOverload),
    }
}

fn block(args: &[Value<'_>]) -> Result<Cidr, Refusal> {
    match args.first() {
        Some(Value::Cidr(cidr)) => Ok(*cidr),
        _ => Err(Refusal::NoOverload),
    }
}

fn read_ip(text: &str) -> Result<Ip, Refusal> {
    Ip::parse(text).ok_or_else(|| Refusal::Wrong("the text is no IP address".to_owned()))
}

fn read_cidr(text: &str) -> Result<Cidr, Refusal> {
    Cidr::parse(text).ok_or_else(|| Refusal::Wrong("the text is no block of addresses".to_owned()))
}

pub(super) fn ip<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    read_ip(text(args)?).map(Value::Ip)
}

pub(super) fn is_ip<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(Ip::parse(text(args)?).is_some()))
}

pub(super) fn is_canonical<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let text = text(args)?;
    Ok(Value::Bool(read_ip(text)?.to_string() == text))
}

pub(super) fn family<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Int(if address(args)?.is_ipv4() { 4 } else { 6 }))
}

pub(super) fn is_unspecified<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(address(args)?.is_unspecified()))
}

pub(super) fn is_loopback<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(address(args)?.is_loopback()))
}

pub(super) fn is_link_local_multicast<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(match address(args)? {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    }))
}

fn link_local_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

pub(super) fn is_link_local_unicast<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(link_local_unicast(address(args)?)))
}

pub(super) fn is_global_unicast<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let ip = address(args)?;
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    let other =
        ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || link_local_unicast(ip) || broadcast;
    Ok(Value::Bool(!other))
}

pub(super) fn cidr<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    read_cidr(text(args)?).map(Value::Cidr)
}

pub(super) fn is_cidr<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Bool(Cidr::parse(text(args)?).is_some()))
}

pub(super) fn contains_ip<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let block = block(args)?;
    let ip = match args.get(1) {
        Some(Value::Ip(ip)) => *ip,
        Some(Value::String(text)) => read_ip(text)?,
        _ => return Err(Refusal::NoOverload),
    };
    Ok(Value::Bool(block.contains(ip)))
}

pub(super) fn contains_cidr<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    let block = block(args)?;
    let other = match args.get(1) {
        Some(Value::Cidr(cidr)) => *cidr,
        Some(Value::String(text)) => read_cidr(text)?,
        _ => return Err(Refusal::NoOverload),
    };
    Ok(Value::Bool(block.bits <= other.bits && block.contains(other.ip)))
}

pub(super) fn ip_of<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Ip(block(args)?.ip))
}

pub(super) fn prefix_length<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Int(block(args)?.bits.into()))
}

pub(super) fn masked<'a>(_: &mut Machine<'_>, args: &[Value<'a>]) -> Done<'a> {
    Ok(Value::Cidr(block(args)?.masked()))
}
