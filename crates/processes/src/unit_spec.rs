//! What a program is given: command, environment variables, limits.
//!
//! The variables are those that the seed of the system names, plus `CASTALIA_INPUTS_JSON` (where each reference of
//! the parameters lies) and `CASTALIA_OUTPUT_PREFIX`. What is too long for a variable goes into a private file.

use crate::Service;
use crate::store::{Program, VersionRow};
use castalia_base::Error;
use castalia_compute::{Resources, UnitId, UnitSpec};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The name of the file that a program is given, in its folder `{files}`.
const GIVEN: &str = "given";
/// Linux takes 128 KiB for one variable; half of that leaves room for the rest.
const VARIABLE_LIMIT: usize = 64 << 10;

impl Service {
    /// What runs for a version, with the file that it is given.
    pub(crate) async fn whole_unit_spec(&self, v: &VersionRow, id: UnitId) -> Result<UnitSpec, Error> {
        let mut spec = self.unit_spec(v, id)?;
        if let Program::Given { file, .. } = &v.program {
            spec.files.insert(GIVEN.to_owned(), self.program_file(file).await?);
        }
        Ok(spec)
    }

    pub(crate) fn unit_spec(&self, v: &VersionRow, id: UnitId) -> Result<UnitSpec, Error> {
        self.fault("spec");
        let (command, path) = match &v.program {
            Program::Python { interpreter, .. } => {
                let command = vec![interpreter.clone(), "-u".into(), "-m".into(), "castalia.runner".into()];
                (command, bin_folder(interpreter))
            }
            Program::Command(command) => (command.clone(), None),
            Program::Given { command, .. } => {
                let command = self.placed(command)?;
                let path = command.first().filter(|first| first.starts_with('/')).and_then(|p| bin_folder(p));
                (command, Some(path.unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into())))
            }
        };
        let mut spec = UnitSpec::new(id, command);
        spec.show = match &v.program {
            Program::Python { paths, .. } => paths.iter().map(PathBuf::from).collect(),
            Program::Given { show, .. } => {
                let own = std::env::current_exe().ok().into_iter().chain(self.config.sdk.clone());
                own.chain(show.iter().cloned()).collect()
            }
            // The program itself and the scripts among its arguments.
            Program::Command(command) => {
                command.iter().filter(|a| a.starts_with('/')).map(PathBuf::from).collect()
            }
        };
        spec.labels = BTreeMap::from([
            ("castalia.installation".to_owned(), self.config.installation.clone()),
            ("castalia.process".to_owned(), v.process.clone()),
            ("castalia.version".to_owned(), v.version.to_string()),
            ("castalia.project".to_owned(), v.project_id.clone()),
        ]);
        spec.env = self.environment_of(v, path)?;
        long_values_to_files(&mut spec);
        spec.resources = Resources {
            cpu_millis: v.resources.cpu_millis,
            memory_mb: v.resources.memory_mb,
            storage_mb: v.resources.storage_mb,
            gpu: v.resources.gpu,
        };
        spec.deadline = Some(Duration::from_secs(v.resources.deadline_s));
        spec.grace = crate::lifecycle::GRACE;
        Ok(spec)
    }

    /// A command with the places of this installation, which may differ from those when its type was made.
    fn placed(&self, command: &[String]) -> Result<Vec<String>, Error> {
        let program = std::env::current_exe().map_err(Error::internal)?.display().to_string();
        let sdk = self.config.sdk.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default();
        let place = |word: &String| word.replace("{castalia}", &program).replace("{sdk}", &sdk);
        Ok(command.iter().map(place).collect())
    }

    fn environment_of(
        &self,
        v: &VersionRow,
        path: Option<String>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let access_key = v.access_key.clone().unwrap_or_default();
        let secret = self.storage.secret_of(&access_key)?;
        let mut env: BTreeMap<String, String> = [
            ("PROCESS_TYPE", v.type_name.clone()),
            ("PROCESS_ID", v.process.clone()),
            ("VERSION", v.version.to_string()),
            ("PROJECT_ID", v.project_id.clone()),
            ("PARAMETERS_JSON", v.parameters.to_string()),
            ("BACKEND_URL", self.config.backend_url.clone()),
            ("STORAGE_BASE", format!("s3://{}", v.bucket)),
            ("STORAGE_ENDPOINT", self.config.storage_endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", access_key),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            // For the clients that read it (boto3, the AWS CLI, s3fs).
            ("AWS_ENDPOINT_URL_S3", self.config.storage_endpoint.clone()),
            ("CASTALIA_OUTPUT_PREFIX", format!("processes/{}/v{}/", v.process, v.version)),
            ("CASTALIA_INPUTS_JSON", inputs_json(v)),
            // Numeric libraries otherwise start a thread for each core of the machine, whatever the limit.
            ("OMP_NUM_THREADS", v.resources.cpu_millis.div_ceil(1000).to_string()),
            ("OPENBLAS_NUM_THREADS", v.resources.cpu_millis.div_ceil(1000).to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        if let Some(path) = path {
            env.insert("PATH".into(), path);
        }
        Ok(env)
    }
}

fn bin_folder(python: &str) -> Option<String> {
    let folder = std::path::Path::new(python).parent()?;
    Some(format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display()))
}

fn inputs_json(v: &VersionRow) -> String {
    let entries: Map<String, Value> = v
        .inputs
        .iter()
        .map(|i| {
            let entry = json!({
                "key": i.key, "name": i.name, "media_type": i.media_type, "size": i.size, "sha256": i.sha256,
                "units": i.units, "shape": i.shape,
            });
            (i.reference.clone(), entry)
        })
        .collect();
    Value::Object(entries).to_string()
}

fn long_values_to_files(spec: &mut UnitSpec) {
    for (variable, file_variable, file) in [
        ("PARAMETERS_JSON", "PARAMETERS_FILE", "parameters.json"),
        ("CASTALIA_INPUTS_JSON", "CASTALIA_INPUTS_FILE", "inputs.json"),
    ] {
        if spec.env.get(variable).is_some_and(|value| value.len() > VARIABLE_LIMIT)
            && let Some(value) = spec.env.remove(variable)
        {
            spec.files.insert(file.to_owned(), value.into_bytes());
            spec.env.insert(file_variable.to_owned(), format!("{{files}}/{file}"));
        }
    }
}
