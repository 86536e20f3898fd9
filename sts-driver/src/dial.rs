//! The order in which to try a name's addresses, and the delay before the next one is tried in parallel:
//! [Happy Eyeballs](https://www.rfc-editor.org/rfc/rfc8305).

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The delay before the next address is tried in parallel, as RFC 8305 recommends.
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// How long an address that answered when others did not is tried first.
const MEMORY: Duration = Duration::from_secs(600);
/// The maximum number of remembered addresses.
const MAX_REMEMBERED: usize = 64;

/// Addresses that answered when others did not. Because of them, a dead address costs time only once, not for each connection.
#[derive(Debug, Default)]
pub struct Addresses {
    answered: Mutex<Vec<(SocketAddr, Instant)>>,
}

impl Addresses {
    /// The order in which to try a name's addresses: first the addresses that answered when others did not, then the others in the
    /// resolver's order, alternating between IPv6 and IPv4.
    pub fn order(&self, addresses: impl IntoIterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        self.order_at(addresses, Instant::now())
    }

    /// Notes that `address` was the first in this order that answered.
    pub fn note(&self, order: &[SocketAddr], address: SocketAddr) {
        self.note_at(order, address, Instant::now());
    }

    fn order_at(&self, addresses: impl IntoIterator<Item = SocketAddr>, now: Instant) -> Vec<SocketAddr> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let has_answered = |address: &SocketAddr| {
            answered.iter().any(|(other, at)| other == address && now.saturating_duration_since(*at) < MEMORY)
        };
        let (mut order, others): (Vec<_>, Vec<_>) = take_turns(addresses).into_iter().partition(has_answered);
        order.extend(others);
        order
    }

    fn note_at(&self, order: &[SocketAddr], address: SocketAddr, now: Instant) {
        let before: Vec<_> = order.iter().take_while(|other| **other != address).collect();
        if before.is_empty() {
            return;
        }
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.retain(|(other, _)| *other != address && !before.contains(&other));
        if answered.len() >= MAX_REMEMBERED {
            answered.remove(0);
        }
        answered.push((address, now));
    }
}

/// Alternates between the address family of the first address and the other family.
fn take_turns(addresses: impl IntoIterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut addresses = addresses.into_iter().peekable();
    let is_first_v6 = addresses.peek().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.partition(|address| address.is_ipv6() == is_first_v6);
    let mut order = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    while first.len() + second.len() > 0 {
        order.extend(first.next());
        order.extend(second.next());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<SocketAddr> {
        text.split(' ').map(|address| address.parse().expect("an address")).collect()
    }

    #[test]
    fn families_take_turns() {
        for (resolved, order) in [
            ("[::1]:1 [::2]:1 [::3]:1 1.1.1.1:1 2.2.2.2:1", "[::1]:1 1.1.1.1:1 [::2]:1 2.2.2.2:1 [::3]:1"),
            ("1.1.1.1:1 [::1]:1 2.2.2.2:1", "1.1.1.1:1 [::1]:1 2.2.2.2:1"),
            ("1.1.1.1:1 2.2.2.2:1 [::1]:1", "1.1.1.1:1 [::1]:1 2.2.2.2:1"),
            ("2.2.2.2:1 1.1.1.1:1", "2.2.2.2:1 1.1.1.1:1"),
        ] {
            assert_eq!(Addresses::default().order(addresses(resolved)), addresses(order), "{resolved}");
        }
        assert_eq!(Addresses::default().order([]), []);
    }

    #[test]
    fn what_answered_in_place_of_others_comes_first_for_a_while() {
        let (memory, start) = (Addresses::default(), Instant::now());
        let resolved = addresses("[::1]:1 1.1.1.1:1 2.2.2.2:1");
        let [dead, one, two] = resolved[..] else { unreachable!() };
        let order = |after: Duration| memory.order_at(resolved.clone(), start + after);
        let note = |address, after| memory.note_at(&order(after), address, start + after);
        let second = Duration::from_secs(1);

        note(dead, Duration::ZERO);
        assert_eq!(order(Duration::ZERO), [dead, one, two]);
        note(one, Duration::ZERO);
        assert_eq!(order(Duration::ZERO), [one, dead, two]);
        // It answers again, which does not extend its time.
        note(one, 2 * second);
        assert_eq!(order(MEMORY.saturating_sub(second)), [one, dead, two]);
        assert_eq!(order(MEMORY), [dead, one, two]);
        note(one, MEMORY);
        // Now it is dead, too.
        note(two, MEMORY);
        assert_eq!(order(MEMORY), [two, dead, one]);
    }
}
