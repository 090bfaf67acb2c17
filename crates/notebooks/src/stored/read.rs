/// A stored output to be read.
pub(crate) struct StoredOutput {
    bucket: Bucket,
    notebook: String,
    id: String,
    parts: Vec<(i64, u64)>,
    /// Its MIME type.
    pub(crate) media: String,
    /// All bytes.
    pub(crate) bytes: u64,
}

impl Service {
    pub(crate) async fn bucket(&self, project: &str) -> Result<Bucket, Error> {
        let project = self.deps.projects.get(&mut self.deps.db.read(), project).await?;
        Ok(Bucket { project: project.id, name: project.name, quota_bytes: None })
    }

    /// Finds a stored output of a notebook that the caller may see.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn stored_output(
        &self,
        ctx: &Ctx,
        notebook: &str,
        id: &str,
    ) -> Result<StoredOutput, Error> {
        let found = self.find(ctx, notebook, "notebooks.view").await?;
        self.stored_of(&found.id, &found.project, id).await
    }

    async fn stored_of(&self, notebook: &str, project: &str, id: &str) -> Result<StoredOutput, Error> {
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if id.is_empty() || !plain {
            return Err(Error::not_found("output", id));
        }
        let (mut parts, mut media) = store::parts(&mut self.deps.db.read(), notebook, id).await?;
        let bucket = self.bucket(project).await?;
        if parts.is_empty() {
            // One that came with a file has one part, and no row.
            let size = self.deps.storage.size(&bucket, &key_of(notebook, id, 0)).await?;
            parts.push((0, size.ok_or_else(|| Error::not_found("output", id))?));
            media = "text/plain".into();
        }
        let bytes = parts.iter().map(|(_, bytes)| bytes).sum();
        Ok(StoredOutput { bucket, notebook: notebook.to_owned(), id: id.to_owned(), parts, media, bytes })
    }

    /// All of a stored output, for what writes files; as the kernel sent it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn stored_bytes(&self, notebook: &str, project: &str, id: &str) -> Result<Vec<u8>, Error> {
        let stored = self.stored_of(notebook, project, id).await?;
        self.collect(&stored).await
    }

    pub(crate) async fn collect(&self, stored: &StoredOutput) -> Result<Vec<u8>, Error> {
        let mut all = Vec::new();
        let mut pieces = Box::pin(self.range(stored, 0, stored.bytes));
        while let Some(piece) = pieces.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all)
    }

    /// The bytes `start..end`.
    pub(crate) fn range(
        &self,
        stored: &StoredOutput,
        start: u64,
        end: u64,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let mut wanted = Vec::new();
        let mut at = 0;
        for (part, bytes) in &stored.parts {
            let (from, to) = (start.max(at), end.min(at + bytes));
            if from < to {
                let key = key_of(&stored.notebook, &stored.id, u64::try_from(*part).unwrap_or_default());
                wanted.push((key, from - at, to - at));
            }
            at += bytes;
        }
        let (storage, bucket) = (self.deps.storage.clone(), stored.bucket.clone());
        futures::stream::iter(wanted)
            .then(move |(key, from, to)| {
                let (storage, bucket) = (storage.clone(), bucket.clone());
                async move {
                    match storage.read_range(&bucket, &key, Some((from, to))).await {
                        Ok((_, bytes)) => bytes.map(|b| b.map_err(Error::internal)).boxed(),
                        Err(error) => futures::stream::iter([Err(error)]).boxed(),
                    }
                }
            })
            .flatten()
    }

    /// Deletes the objects of outputs that no row tells of any more.
    pub(crate) async fn sweep_outputs(
        self: Arc<Self>,
        project: String,
        notebook: String,
        outputs: Vec<String>,
    ) {
        let swept = async {
            let bucket = self.bucket(&project).await?;
            for output in outputs {
                let prefix = format!("notebooks/{notebook}/outputs/{output}/");
                self.deps.storage.delete_prefix(&bucket, &prefix).await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = swept.await {
            tracing::warn!(notebook, error = error.chain(), "old outputs could not be deleted");
        }
    }
}

/// An image as a file has it: kernels send it as base64.
pub(crate) fn decoded(media: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    if !media.starts_with("image/") || media.contains("svg") {
        return None;
    }
    let text: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
