//! The rows of nodes.

use super::{read, write};
use crate::{
    harness::{Harness, NOW},
    on_both_engines,
};
use countersign_barrier::Extent;
use countersign_core::{NodeId, ids::RenewalId};
use countersign_storage::{Node, StoreError};
use uuid::Uuid;

fn node(number: u128) -> Node {
    Node {
        id: NodeId::from_uuid(Uuid::from_u128(number)),
        renewal: renewal(0),
        acknowledged: None,
        host: "one.example".into(),
        version: "1.2.3".into(),
        joined_at: NOW,
    }
}

fn renewal(number: u128) -> RenewalId {
    RenewalId::from_uuid(Uuid::from_u128(number))
}

async fn renew(harness: &Harness, left: &[RenewalId], next: RenewalId) -> bool {
    let input = (left.to_vec(), next);
    let renewed: Result<bool, StoreError> = harness
        .store
        .write(input, |tx, (left, next)| {
            let extent = Extent::new(9, [4, 5]);
            Box::pin(async move { tx.renew_node(node(1).id, left, *next, Some(&extent)).await })
        })
        .await;
    renewed.unwrap()
}

on_both_engines! {
    async fn i1_a_row_is_renewed_only_by_who_left_it(harness) {
        write!(harness, (), |tx, ()| tx.insert_node(&node(1)).await);
        assert!(!renew(harness, &[renewal(7)], renewal(1)).await);
        assert!(renew(harness, &[renewal(0)], renewal(1)).await);
        assert!(renew(harness, &[renewal(0), renewal(1)], renewal(2)).await);
        let expected = Node { renewal: renewal(2), acknowledged: Some(Extent::new(9, [4, 5])), ..node(1) };
        assert_eq!(read!(harness, |conn| conn.list_nodes()), [expected]);
    }

    async fn i1_a_row_that_was_renewed_meanwhile_is_not_deleted(harness) {
        write!(harness, (), |tx, ()| tx.insert_node(&node(1)).await);
        write!(harness, (), |tx, ()| tx.insert_node(&node(2)).await);
        assert!(renew(harness, &[renewal(0)], renewal(1)).await);
        assert!(!write!(harness, (), |tx, ()| tx.delete_dead_node(node(1).id, renewal(0)).await));
        assert!(write!(harness, (), |tx, ()| tx.delete_dead_node(node(1).id, renewal(1)).await));
        write!(harness, (), |tx, ()| tx.delete_node(node(2).id).await);
        assert!(read!(harness, |conn| conn.list_nodes()).is_empty());
        assert!(!renew(harness, &[renewal(1)], renewal(2)).await);
    }
}
