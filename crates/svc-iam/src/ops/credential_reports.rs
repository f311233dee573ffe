//! What the operations on credential reports share: the report itself.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use crate::Iam;
use crate::errors::Error;
use crate::limits;
use crate::ops::{credentials, passwords};
use crate::tables::{ACCESS_KEYS, CredentialsRecord, Named, USERS, time};
use base::AccountId;
use base::Time;
use std::fmt::Write;
use store::{Prefix, View};

/// The columns, as AWS orders them.
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
const NOT_APPLICABLE: &str = "N/A";

impl Iam {
    /// One line for the root user, which has no credentials here, and one for each user.
    pub(super) fn credential_report(
        &self,
        view: &View<'_>,
        account: AccountId,
    ) -> Result<String, Error> {
        let now = self.now();
        let mut report = format!("{COLUMNS}\n");
        let root =
            ["<root_account>".to_string(), format!("arn:aws:iam::{account}:root"), date(now)];
        let of_root = [
            "not_supported",
            "no_information",
            "not_supported",
            "not_supported",
            "false",
            "false",
            "N/A",
            "N/A",
            "N/A",
            "N/A",
            "false",
            "N/A",
            "N/A",
            "N/A",
            "N/A",
            "false",
            "N/A",
            "false",
            "N/A",
        ];
        let fields: Vec<&str> = root.iter().map(String::as_str).chain(of_root).collect();
        let _ = writeln!(report, "{}", fields.join(","));
        let max_age = passwords::policy(view, account)?.and_then(|policy| policy.age_days_max);
        for (_, user) in view.scan(&USERS, Prefix::of((account,)), limits::USERS_PER_ACCOUNT)? {
            let (user, credentials) = credentials::load(view, account, &user.name)?;
            let mut fields =
                vec![user.name.clone(), user.arn(account), date(time(user.created_ms))];
            fields.extend(password(&credentials, max_age));
            fields.push((!credentials.mfa_devices.is_empty()).to_string());
            for at in 0..2 {
                fields.extend(self.access_key(view, user.access_keys.get(at))?);
            }
            for at in 0..2 {
                let certificate = credentials.signing_certificates.get(at);
                let active = certificate.is_some_and(|certificate| certificate.active);
                let since = certificate.map(|certificate| date(time(certificate.uploaded_ms)));
                fields.push(active.to_string());
                fields.push(since.unwrap_or_else(|| NOT_APPLICABLE.to_string()));
            }
            let _ = writeln!(report, "{}", fields.join(","));
        }
        Ok(report)
    }

    fn access_key(&self, view: &View<'_>, id: Option<&String>) -> Result<[String; 5], Error> {
        let row = match id {
            Some(id) => view.get(&ACCESS_KEYS, id)?,
            None => None,
        };
        let mut fields = [(); 5].map(|()| NOT_APPLICABLE.to_string());
        fields[0] = row.as_ref().is_some_and(|row| row.active).to_string();
        if let Some(row) = row {
            fields[1] = date(time(row.created_ms));
        }
        if let Some(last) = id.and_then(|id| self.last_uses.get(id)) {
            fields[2] = date(last.at);
            fields[3] = last.region;
            fields[4] = last.service;
        }
        Ok(fields)
    }
}

fn password(credentials: &CredentialsRecord, max_age_days: Option<u16>) -> [String; 4] {
    let Some(login) = &credentials.login else {
        return ["false", "N/A", "N/A", "N/A"].map(String::from);
    };
    let next = max_age_days.map(|days| login.changed_ms + u64::from(days) * 86_400_000);
    let next = next.map_or_else(|| NOT_APPLICABLE.to_string(), |ms| date(time(ms)));
    // There is no console in which a password could be used.
    ["true".to_string(), "no_information".to_string(), date(time(login.changed_ms)), next]
}

/// `2026-01-31T12:00:00+00:00`.
fn date(at: Time) -> String {
    let text = Time::from_unix_s(at.unix_s()).to_string();
    let end = text.find(['.', 'Z']).unwrap_or(text.len());
    format!("{}+00:00", &text[..end])
}
