//! The identity of a document.
//!
//! A document begins with one struct that the server writes under a client id made from the document's epoch. Whoever
//! has anything at all, but not that struct, has another history: merging it would double or mix what is there.
//! Browsers take client ids below 2^32; the server's are above, so nobody is ever mistaken for it.

use crate::document::schema::{META, meta};
use rand::Rng;
use sha2::{Digest, Sha256};
use yrs::{ClientID, Doc, Map, OffsetKind, Options, StateVector, Transact};

const SERVER_FROM: u64 = 1 << 32;
const END: u64 = 1 << 53;

/// A new identity.
pub(crate) fn fresh() -> String {
    castalia_base::id::fresh("ep")
}

/// The client id under which the first struct of this epoch is written.
pub fn client_of(epoch: &str) -> ClientID {
    let digest = Sha256::digest(epoch.as_bytes());
    let number = digest.iter().take(8).fold(0u64, |n, byte| (n << 8) | u64::from(*byte));
    ClientID::new(SERVER_FROM + number % (END - SERVER_FROM))
}

/// A client id for one life of a room.
pub(crate) fn fresh_client() -> ClientID {
    ClientID::new(rand::rng().random_range(SERVER_FROM..END))
}

/// Whether somebody who has this may be let in to the document of this epoch.
pub(crate) fn is_ours(theirs: &StateVector, epoch_client: ClientID) -> bool {
    theirs.is_empty() || theirs.contains_client(&epoch_client)
}

/// Whether `theirs` has something of a server's that `ours` has not.
pub(crate) fn lacks_servers(ours: &StateVector, theirs: &StateVector) -> bool {
    theirs.iter().any(|(client, clock)| client.get() >= SERVER_FROM && *clock > ours.get(client))
}

/// An empty document as all of ours are: offsets count UTF-16 units, as browsers do.
pub(crate) fn document(client: ClientID) -> Doc {
    let doc = Doc::with_options(Options {
        client_id: client,
        offset_kind: OffsetKind::Utf16,
        ..Options::default()
    });
    doc.get_or_insert_array(crate::document::schema::CELLS);
    doc.get_or_insert_array(crate::document::schema::RUN_QUEUE);
    for root in crate::document::schema::ROOTS {
        if !matches!(*root, crate::document::schema::CELLS | crate::document::schema::RUN_QUEUE) {
            doc.get_or_insert_map(*root);
        }
    }
    doc
}

/// A document with the first struct of `epoch` in it. What is written into it next is written under the same id.
pub fn first(epoch: &str) -> Doc {
    let doc = document(client_of(epoch));
    let root = doc.get_or_insert_map(META);
    root.insert(&mut doc.transact_mut(), meta::EPOCH, epoch);
    doc
}

#[cfg(test)]
mod tests {
    use super::*;
    use yrs::ReadTxn;

    #[test]
    fn the_first_struct_tells_histories_apart() {
        let (a, b) = (first("ep_a"), first("ep_b"));
        let theirs = a.transact().state_vector();
        assert!(is_ours(&theirs, client_of("ep_a")));
        assert!(!is_ours(&theirs, client_of("ep_b")));
        assert!(is_ours(&StateVector::default(), client_of("ep_b")));
        assert!(b.transact().state_vector().contains_client(&client_of("ep_b")));
        let (before, mut after) = (theirs.clone(), theirs);
        after.set_max(ClientID::new(7), 3);
        assert!(!lacks_servers(&before, &after) && !lacks_servers(&after, &before), "people may be ahead");
        after.set_max(fresh_client(), 1);
        assert!(lacks_servers(&before, &after) && !lacks_servers(&after, &before));
        assert!(client_of("ep_a").get() >= SERVER_FROM && fresh_client().get() >= SERVER_FROM);
    }
}
