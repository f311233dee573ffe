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
    let (users, groups) = Identity::Own(2_000).maps(false);
    assert_eq!(users, "993 2000 1\n0 2001 1\n");
    assert_eq!(groups, "990 2000 1\n0 2001 1\n");
    assert_eq!(Identity::Shared.maps(false), ("993 0 1\n".to_owned(), "990 0 1\n".to_owned()));

    // Below a parent any pair may live, but its own two ids are nobody else's.
    let (users, _) = Identity::Own(HOST_UID_FIRST + 2).maps(true);
    let (pair, end) = (HOST_UID_FIRST + 2, 2 * HOST_UID_PAIRS - 4);
    assert_eq!(
        users,
        format!(
            "993 {pair} 1\n0 {} 1\n{HOST_UID_FIRST} {HOST_UID_FIRST} 2\n{} {} {end}\n",
            pair + 1,
            pair + 2,
            pair + 2
        )
    );
}
