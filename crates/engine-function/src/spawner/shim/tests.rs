use super::{Orders, Report, decode_texts, exit_status, split_command};

#[test]
fn reports_survive_their_encoding() {
    for report in
        [Report::Ready, Report::Assigned, Report::Ended(139), Report::ExtensionEnded(9, -1)]
    {
        assert_eq!(Report::decode(&report.encode()), Ok(report));
    }
    assert_eq!(Report::decode(b"Fsix by"), Err("six by".to_owned()));
    // As long as a report, and yet a failure.
    assert_eq!(Report::decode(b"Fabcde"), Err("abcde".to_owned()));
    assert!(Report::decode(b"R").is_err());
    assert!(Report::decode(b"?\0\0\0\0\0").is_err());
    assert!(Report::decode(b"").is_err());
}

#[test]
fn orders_survive_their_encoding_and_broken_ones_are_refused() {
    let extensions = ["one\0".to_owned(), String::new()];
    let orders = Orders {
        has_code: true,
        has_extension_output: true,
        environment: "a=b\0",
        extensions: &extensions,
    };
    let message = orders.encode();
    assert_eq!(message[0], super::HAS_CODE | super::HAS_OUTPUT);
    let texts = decode_texts(&message[1..]).expect("whole");
    assert_eq!(texts, [&b"a=b\0"[..], b"one\0", b""]);
    for cut in 1..message.len() - 1 {
        // Cut within a text or a length; between two texts it is whole, but never as many.
        let texts = decode_texts(&message[1..cut]);
        assert!(texts.is_none_or(|texts| texts.len() < 3), "cut at {cut}");
    }
}

#[test]
fn command_lines_are_split_into_what_was_joined() {
    let argv = ["/bin/sh", "", "a b"].map(str::to_owned);
    let environment = [("A".to_owned(), "x=y".to_owned()), ("B".to_owned(), String::new())].into();
    let joined = crate::sandbox::command_line(&argv[..1], &environment);
    let (arguments, variables) = split_command(joined.as_bytes());
    assert_eq!(arguments, [c"/bin/sh".to_owned()]);
    assert_eq!(variables, [c"A=x=y".to_owned(), c"B=".to_owned()]);
    let joined = crate::sandbox::command_line(&argv, &environment);
    let (arguments, variables) = split_command(joined.as_bytes());
    assert_eq!(arguments, [c"/bin/sh".to_owned(), c"".to_owned(), c"a b".to_owned()]);
    assert_eq!(variables, [c"A=x=y".to_owned(), c"B=".to_owned()]);
}

#[test]
fn wait_statuses_are_codes_or_signals() {
    let status = exit_status(3 << 8);
    assert_eq!((status.code, status.signal), (Some(3), None));
    let status = exit_status(libc::SIGSEGV);
    assert_eq!((status.code, status.signal), (None, Some(libc::SIGSEGV)));
}
