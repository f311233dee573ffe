//! Machine code with which an interpreter forks itself into another sandbox.
//!
//! `fork` copies the calling thread into a child of the caller, but a sandbox's program must be a child of the sandbox's
//! process 1, with other namespaces and another user. So two short-lived processes stand in between: *H* enters the
//! namespaces and takes the identity, *A*, born in the new process namespace, calls the C library's `fork` and ends, so
//! that process 1 adopts the program *B*. Copying an interpreter three times would take longer than all the rest; so H and
//! A share the caller's memory, as after `vfork`, and run on small stacks of their own. That cannot be said in an
//! interpreter's own language, nor with its C library, so these few instructions are given to it.
//!
//! The code is one function of the C calling convention, `long run(uint64_t job[])`. It lies at no fixed address and
//! names no symbol. The job, in words of eight bytes:
//!
//! | word | meaning |
//! |---|---|
//! | 0 – 5 | the system call that makes H (number, five arguments): `clone` or `clone3` with `CLONE_VM` and `CLONE_VFORK` and a stack |
//! | 6 – 11 | likewise for A |
//! | 12 | the address of the C library's `fork` |
//! | 13, 14 | how many system calls H makes, and where they stand: six words each, see below |
//! | 15 | its own: the stack pointer to return on |
//! | 16 | out: the process id of B, seen from inside; or a negative error number |
//! | 17 | out: how many of H's calls were left when one failed |
//! | 18, 19 | how many system calls B makes before it returns, and where they stand; one that fails ends it |
//! | 20 | not looked at: with what follows, a message that B can send |
//! | 21 | out, in B: its process id, seen from inside, in the word's first four bytes |
//! | 22, 23 | how many system calls the caller makes when there is a B and H has ended, and where they stand |
//! | 24 – 35 | up to 24 descriptors, four bytes each |
//!
//! B makes its calls when it is process 1's child, so when A has ended. In the lists of calls bit 32 of a call's number says
//! that its first argument is the place of a descriptor in the job.
//!
//! It returns H's process id to the caller, which has reaped it, 0 in B, or a negative error number when there is no H. The
//! caller must have one thread only.

/// What stands between two labels; nothing on machines that the code has not been written for.
macro_rules! between {
    ($begin:ident, $end:ident) => {{
        #[cfg(target_arch = "x86_64")]
        {
            let (begin, end) = (&raw const $begin, &raw const $end);
            // SAFETY: both labels stand in one section, in this order; what is between them is never written to.
            unsafe { std::slice::from_raw_parts(begin, end.offset_from_unsigned(begin)) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        &[]
    }};
}

/// The code; empty on machines it has not been written for, where nothing is forked then.
pub fn fork_code() -> &'static [u8] {
    between!(nuage_fork_begin, nuage_fork_end)
}

/// One more function, `void *allocate(uint64_t area[], size_t size)`, with which an interpreter lays its arenas side by side:
/// it cuts pieces off an area. Its words: where the next piece begins, where the area ends, and the function to go to, with
/// the same arguments, when it is used up. Empty on machines it has not been written for.
pub fn arena_code() -> &'static [u8] {
    between!(nuage_arena_begin, nuage_arena_end)
}

#[cfg(target_arch = "x86_64")]
unsafe extern "C" {
    static nuage_fork_begin: u8;
    static nuage_fork_end: u8;
    static nuage_arena_begin: u8;
    static nuage_arena_end: u8;
}

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".section .rodata.nuage_fork, \"a\"",
    ".global nuage_fork_begin",
    ".global nuage_fork_end",
    "nuage_fork_begin:",
    "push rbx",
    "push rbp",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "mov rbx, rdi",
    "mov [rbx + 120], rsp",
    "mov qword ptr [rbx + 128], 0",
    // Make H.
    "mov rax, [rbx]",
    "mov rdi, [rbx + 8]",
    "mov rsi, [rbx + 16]",
    "mov rdx, [rbx + 24]",
    "mov r10, [rbx + 32]",
    "mov r8, [rbx + 40]",
    "syscall",
    "test rax, rax",
    "jz 20f",
    "js 10f",
    // The caller: wait4(H, NULL, __WALL, NULL), then its calls. What fails there has no consequence.
    "mov rbp, rax",
    "mov rdi, rax",
    "xor esi, esi",
    "mov edx, 0x40000000",
    "xor r10d, r10d",
    "mov eax, 61",
    "syscall",
    "cmp qword ptr [rbx + 128], 0",
    "jle 11f",
    "mov r12, [rbx + 176]",
    "mov r13, [rbx + 184]",
    "call 60f",
    "11:",
    "mov rax, rbp",
    "10:",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbp",
    "pop rbx",
    "ret",
    // H: its calls.
    "20:",
    "mov r12, [rbx + 104]",
    "mov r13, [rbx + 112]",
    "call 60f",
    "test rax, rax",
    "js 40f",
    // Make A.
    "mov rax, [rbx + 48]",
    "mov rdi, [rbx + 56]",
    "mov rsi, [rbx + 64]",
    "mov rdx, [rbx + 72]",
    "mov r10, [rbx + 80]",
    "mov r8, [rbx + 88]",
    "syscall",
    "test rax, rax",
    "js 40f",
    "jz 30f",
    // H goes on when A has ended: wait4(A, NULL, __WALL, NULL), for nobody else would.
    "mov rdi, rax",
    "xor esi, esi",
    "mov edx, 0x40000000",
    "xor r10d, r10d",
    "mov eax, 61",
    "syscall",
    "jmp 50f",
    // A: fork. In B go back to the caller, on the caller's stack.
    "30:",
    "call [rbx + 96]",
    "movsxd rax, eax",
    "test rax, rax",
    "jz 31f",
    "mov [rbx + 128], rax",
    "jmp 50f",
    // B: its calls. They are made here because each page that the interpreter writes to is copied for B.
    "31:",
    "mov rsp, [rbx + 120]",
    // Until getppid() is 1: sched_yield(), for A may have to run first.
    "32:",
    "mov eax, 110",
    "syscall",
    "cmp rax, 1",
    "je 33f",
    "mov eax, 24",
    "syscall",
    "jmp 32b",
    // getpid()
    "33:",
    "mov eax, 39",
    "syscall",
    "mov [rbx + 168], eax",
    "mov r12, [rbx + 144]",
    "mov r13, [rbx + 152]",
    "call 60f",
    "test rax, rax",
    "jz 10b",
    // exit_group(126)
    "mov edi, 126",
    "mov eax, 231",
    "syscall",
    "ud2",
    // A call has failed.
    "40:",
    "mov [rbx + 128], rax",
    "mov [rbx + 136], r12",
    // exit(0)
    "50:",
    "xor edi, edi",
    "mov eax, 60",
    "syscall",
    "ud2",
    // Makes the r12 calls at r13, one after the other, until one fails, whose negative error number is the result; or 0.
    "60:",
    "xor eax, eax",
    "test r12, r12",
    "jz 62f",
    "mov rax, [r13]",
    "mov rdi, [r13 + 8]",
    "btr rax, 32",
    "jnc 61f",
    "mov edi, [rbx + rdi * 4 + 192]",
    "61:",
    "mov rsi, [r13 + 16]",
    "mov rdx, [r13 + 24]",
    "mov r10, [r13 + 32]",
    "mov r8, [r13 + 40]",
    "syscall",
    "test rax, rax",
    "js 62f",
    "add r13, 48",
    "dec r12",
    "jmp 60b",
    "62:",
    "ret",
    "nuage_fork_end:",
    ".previous",
);

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".section .rodata.nuage_arena, \"a\"",
    ".global nuage_arena_begin",
    ".global nuage_arena_end",
    "nuage_arena_begin:",
    "mov rax, [rdi]",
    "lea rdx, [rax + rsi]",
    "cmp rdx, [rdi + 8]",
    "ja 10f",
    "mov [rdi], rdx",
    "ret",
    "10:",
    "jmp [rdi + 16]",
    "nuage_arena_end:",
    ".previous",
);

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_code_is_whole() {
        let code = super::fork_code();
        assert!((100..600).contains(&code.len()), "{} bytes", code.len());
        // push rbx … ret
        assert_eq!((code[0], code[code.len() - 1]), (0x53, 0xc3));
        assert!((16..64).contains(&super::arena_code().len()));
    }
}
