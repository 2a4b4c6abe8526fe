use uuid::Uuid;

use super::*;

async fn kept(folder: &FilePath) -> (BlobStore, FileId, PathBuf) {
    let store = BlobStore::folder(folder, 0).unwrap();
    let id = FileId(Uuid::from_u128(7));
    let mut writer = store.writer(id);
    writer.put(Bytes::from_static(b"bytes")).await.unwrap();
    writer.finish().await.unwrap();
    let path = store.folder.as_ref().unwrap().path.join(store.key(id).as_ref());
    assert!(path.exists());
    (store, id, path)
}

/// The folder is synced once the file is out of it: what was synced before knows the name still.
#[tokio::test]
async fn what_is_removed_does_not_come_back_after_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, id, path) = kept(folder.path()).await;
    let sync = |folder: &FilePath| {
        let is_empty = std::fs::read_dir(folder)?.next().is_none();
        if is_empty { Err(io::Error::other("synced when it was empty")) } else { Ok(()) }
    };
    store.folder.as_mut().unwrap().sync = sync;
    // Not removed as long as the folder is not synced: nobody forgets the file.
    let error = store.remove(id).await.unwrap_err();
    assert_eq!(error.to_string(), "synced when it was empty");
    assert!(!path.exists());
    store.folder.as_mut().unwrap().sync = sync_folder;
    store.remove(id).await.unwrap();
    store.remove(FileId(Uuid::from_u128(8))).await.unwrap();
}
