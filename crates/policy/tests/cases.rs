//! Requests with all their policies and the verdict that AWS's manual gives, one in each line of `cases.json`, in the
//! form that `nuage policy evaluate` reads. Session policies limit what a resource gives to a role's session, as in the
//! published cases of other evaluators; the manual says otherwise.

use policy::Case;

#[test]
fn every_case_is_decided_as_expected() {
    let cases = Case::read_all(include_str!("cases.json")).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case.name.as_deref().unwrap();
        let answer = case.answer().unwrap_or_else(|error| panic!("{name}: {error}"));
        if answer["result"].as_str() != Some(case.expected().unwrap()) {
            wrong.push(format!("{name}: {answer}"));
        }
        // An explanation names the statements that decided, and what keeps the others from it.
        let explicit = answer["result"] == "ExplicitlyDenied";
        assert!(!explicit || !answer["decidedBy"].as_array().unwrap().is_empty(), "{name}");
        for statement in answer["statements"].as_array().unwrap() {
            let applies = statement["applies"].as_bool().unwrap();
            assert_eq!(applies, statement.get("mismatches").is_none(), "{name}");
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn other_forms() {
    let wrapped = r#"{"name": "w", "simulation": {"identityPolicies": [{"name": "p", "policy": {"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}], "resourcePolicy": null,
        "request": {"principal": "arn:aws:iam::123456789012:user/u", "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k", "contextVariables": {"a:b": true}}}, "expected": {"overallResult": "Allowed"}}"#;
    let case = Case::read_all(wrapped).unwrap().remove(0);
    assert_eq!(case.expected(), Some("Allowed"));
    assert_eq!(case.answer().unwrap()["result"], "Allowed");
    for wrong in ["[{}]", "1", r#"{"request": {"principal": "x"}}"#] {
        assert!(Case::read_all(wrong).is_err(), "{wrong}");
    }
    let nobody = r#"{"request": {"principal": "me", "action": "s3:GetObject", "resource": "*"}, "resourcePolicies": []}"#;
    let case = Case::read_all(nobody).unwrap().remove(0);
    assert_eq!(case.answer().unwrap_err(), "'me' is no principal");
    let ignored = nobody.replace("\"me\"", "\"lambda.amazonaws.com\"");
    let case = Case::read_all(&ignored).unwrap().remove(0);
    assert_eq!(case.answer().unwrap()["ignored"][0], "resourcePolicies");
}
