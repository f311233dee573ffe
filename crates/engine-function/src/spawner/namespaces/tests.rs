use super::{HOST_UID_FIRST, HOST_UID_PAIRS, Identity, next_identity};

#[test]
fn ids_are_not_given_out_while_alive() {
    let mut turn = 0;
    assert_eq!(next_identity(&mut turn, |_| false), Identity::Own(HOST_UID_FIRST));
    assert_eq!(
        next_identity(&mut turn, |uid| uid == HOST_UID_FIRST + 2),
        Identity::Own(HOST_UID_FIRST + 4)
    );
    // Around the end: the first is taken again once it is free.
    let mut turn = HOST_UID_PAIRS - 1;
    assert_eq!(
        next_identity(&mut turn, |_| false),
        Identity::Own(HOST_UID_FIRST + 2 * (HOST_UID_PAIRS - 1))
    );
    assert_eq!(next_identity(&mut turn, |_| false), Identity::Own(HOST_UID_FIRST));
}

#[test]
fn the_program_and_process_one_have_different_ids() {
    let (users, groups) = Identity::Own(2_000).maps();
    assert_eq!(users, "993 2000 1\n0 2001 1\n");
    assert_eq!(groups, "990 2000 1\n0 2001 1\n");
    assert_eq!(Identity::Shared.maps(), ("993 0 1\n".to_owned(), "990 0 1\n".to_owned()));
}
