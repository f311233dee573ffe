use seccompiler::sock_filter;

use super::{ALLOWED, ALLOWED_X86_64, FIRST_UNKNOWN, Filters, REAPER};

const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const EPERM: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
const ENOSYS: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;

/// What the kernel would answer: the few instructions that an allow-list consists of.
fn answer(program: &[sock_filter], call: u32) -> u32 {
    let mut at = 0;
    loop {
        let step = &program[at];
        at += 1;
        let jump = |holds: bool| usize::from(if holds { step.jt } else { step.jf });
        match u32::from(step.code) {
            code if code == libc::BPF_LD | libc::BPF_W | libc::BPF_ABS => {
                assert_eq!(step.k, 0, "the call's number")
            }
            code if code == libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K => {
                at += jump(call == step.k)
            }
            code if code == libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K => {
                at += jump(call >= step.k)
            }
            code if code == libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K => {
                at += jump(call > step.k)
            }
            code if code == libc::BPF_RET | libc::BPF_K => return step.k,
            code => panic!("instruction {code}"),
        }
    }
}

/// Every number that fits into sixteen bits, and the x32 ABI's, against the table.
#[test]
fn the_allow_list_lets_exactly_the_table_pass() {
    let filters = Filters::compile().expect("the filters compile");
    for (program, tables) in
        [(&filters.calls, [ALLOWED, ALLOWED_X86_64]), (&filters.reaper, [REAPER, &[]])]
    {
        for call in (0..=u32::from(u16::MAX)).chain(0x4000_0000..0x4000_0400) {
            let listed = tables.iter().any(|table| table.contains(&i64::from(call)));
            let expected = match call {
                call if call == libc::SYS_clone3 as u32 || call >= FIRST_UNKNOWN => ENOSYS,
                _ if listed => ALLOW,
                _ => EPERM,
            };
            assert_eq!(answer(program, call), expected, "call {call}");
        }
    }
}

/// The kernel runs a filter over all calls when it is installed, so its length is part of every cold start.
#[test]
fn the_filters_stay_short() {
    let filters = Filters::compile().expect("the filters compile");
    assert!(filters.calls.len() < 400, "{} instructions", filters.calls.len());
    assert!(filters.arguments.len() < 400, "{} instructions", filters.arguments.len());
}
