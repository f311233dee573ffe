//! The life of a sandbox, seen from the host.

mod host;

use host::{output, shell, spawner, waiting};

#[tokio::test]
async fn a_waiting_sandbox_runs_its_program() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("id; hostname; exit 3")).await.expect("assigned");
    let text = output(&sandbox).await;
    let status = sandbox.exited().await;
    assert_eq!(status.code, Some(3));
    assert!(text.contains("uid=993(sbx_user1051) gid=990(sbx_user1051)"), "{text}");
    assert!(text.contains("169-254-"), "{text}");
}
