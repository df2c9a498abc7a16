//! The table for an nginx in front of the routers: which environment, router and API a host means.
//!
//! Only `map` blocks: certificates, ports and the addresses of the routers are the edge's own. A
//! request whose host nobody claims finds the empty text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Route;

/// The longest key that fits into a bucket of nginx's default size, 64 bytes, with room to spare.
const SHORT: usize = 40;
/// A bucket that holds any host name, of 253 characters at most, and its value.
const BUCKET: usize = 1024;
/// As many hosts as nginx's default table takes without a warning, with room to spare.
const FEW: usize = 1000;

/// Writes the maps, to be included in `http { }`.
///
/// # Errors
/// Fails where a value holds a character that has a meaning in nginx's configuration; the schemas
/// let none through.
pub fn nginx(routes: &[Route]) -> Result<String, String> {
    let mut out = String::from(HEAD);
    let mut hosts: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in routes {
        for text in [&*route.host, &*route.environment, &*route.api] {
            check(text)?;
        }
        hosts.entry(&route.host).or_default().push(route);
    }
    let longest = hosts.keys().map(|host| host.len()).max().unwrap_or(0);
    if longest > SHORT || hosts.len() > FEW {
        let size = (hosts.len() * 4).next_power_of_two().max(2048);
        let _ = writeln!(out, "\nmap_hash_bucket_size {BUCKET};\nmap_hash_max_size {size};");
    }
    for (variable, value) in [
        ("environment", &(|route: &Route| route.environment.to_string()) as &dyn Fn(&Route) -> String),
        ("upstream", &upstream),
    ] {
        let _ = writeln!(out, "\nmap $host $onramp_{variable} {{\n    hostnames;\n    default \"\";");
        for (host, routes) in &hosts {
            // Of several environments the last is the one that releases are promoted to, and of two
            // routers of a move the first is the one that answers today.
            let Some(last) = routes.last().map(|route| &route.environment) else { continue };
            let (today, before): (Vec<&Route>, Vec<&Route>) =
                routes.iter().partition(|route| route.environment == *last);
            let mut values: Vec<String> = Vec::new();
            for route in today.into_iter().chain(before) {
                let value = value(route);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            let Some((value, others)) = values.split_first() else { continue };
            let others =
                if others.is_empty() { String::new() } else { format!(" # also {}", others.join(", ")) };
            let _ = writeln!(out, "    {host} \"{value}\";{others}");
        }
        out.push_str("}\n");
    }
    Ok(out)
}

const HEAD: &str = "\
# Written by `onramp route list --format nginx`; include it in http { }.
# $onramp_environment is the environment that serves a host, $onramp_upstream the upstream of its
# router; both are empty where nobody claims the host. The edge defines one upstream for each, and uses them:
#
#     upstream onramp_prod_ingress-nginx { server 192.0.2.10:80; }
#     server {
#         listen 80 default_server;
#         if ($onramp_upstream = \"\") { return 404; }
#         location / {
#             proxy_pass http://$onramp_upstream;
#             proxy_set_header Host $host;
#         }
#     }
";

/// Returns the name of the upstream that leads to a route's router.
fn upstream(route: &Route) -> String {
    format!("onramp_{}_{}", route.environment, route.router.name())
}

/// Insists on characters that have no meaning to nginx.
fn check(text: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '*');
    if !text.is_empty() && text.chars().all(is_plain) { Ok(()) } else { Err(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_nginx_reads_gets_through() {
        for good in ["api.acme.example", "*.acme.example", "prod-eu_1"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "a;b", "a b", "a\"", "a}", "$host", "~a", "a\n", "a#", "a\\"] {
            assert_eq!(check(bad), Err(bad.to_owned()), "{bad:?}");
        }
    }
}
