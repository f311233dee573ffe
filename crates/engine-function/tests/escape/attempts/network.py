# Addresses, sockets and interfaces. Continues `frame.py`.

# The network.

def connecting(family, address, *expect):
    endpoint = socket.socket(family, socket.SOCK_STREAM)
    endpoint.settimeout(3)
    try:
        endpoint.connect(address)
        return False, f"connected to {address}"
    except OSError as error:
        name = errno.errorcode.get(error.errno, repr(error))
        return name in expect, f"{address}: {name}"
    finally:
        endpoint.close()


@attempt
def port_of_the_host():
    return connecting(socket.AF_INET, ("127.0.0.1", int(os.environ["HOST_PORT"])), "ECONNREFUSED")


@attempt
def ports_that_should_be_there():
    # The two listeners: a control that connecting works at all.
    results = []
    for port in (9001, 4566):
        with socket.create_connection(("127.0.0.1", port), timeout=3):
            results.append((True, f"{port} is reachable"))
    return all_of(*results)


@attempt
def link_local_address():
    return connecting(socket.AF_INET, ("169.254.169.254", 80), "ENETUNREACH")


@attempt
def address_on_the_internet():
    return all_of(
        connecting(socket.AF_INET, ("192.0.2.1", 80), "ENETUNREACH"),
        connecting(socket.AF_INET6, ("2001:db8::1", 80), "ENETUNREACH", "EADDRNOTAVAIL"),
    )


@attempt
def abstract_socket_of_the_host():
    return connecting(socket.AF_UNIX, "\0" + os.environ["HOST_ABSTRACT"], "ECONNREFUSED")


@attempt
def interfaces():
    names = [name for _, name in socket.if_nameindex()]
    return names == ["lo"], f"{names}"


@attempt
def socket_families():
    results = []
    for family, name in ((17, "PACKET"), (38, "ALG"), (40, "VSOCK"), (31, "BLUETOOTH"), (44, "XDP"), (30, "TIPC"), (29, "CAN"), (21, "RDS"), (43, "SMC"), (15, "KEY")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            results.append(refused(41, family, kind, 0))
    return all_of(*results)[0], f"{len(results)} combinations refused"


@attempt
def netlink_protocols():
    refusals = [refused(41, socket.AF_NETLINK, socket.SOCK_RAW, protocol) for protocol in range(1, 23)]
    # NETLINK_ROUTE is what lists interfaces.
    return all_of(*refusals)[0] and call(41, socket.AF_NETLINK, socket.SOCK_RAW, 0) == "OK", "22 protocols"


@attempt
def change_the_network():
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    # RTM_NEWLINK with an acknowledgement: take lo down.
    message = struct.pack("IHHIIBxHiII", 32, 16, 5, 1, 0, 0, 0, 1, 0, 1)
    netlink.send(message)
    answer = netlink.recv(4096)
    code = struct.unpack_from("i", answer, 16)[0]
    return code == -errno.EPERM, f"{errno.errorcode.get(-code, code)}"


@attempt
def raw_sockets():
    return all_of(refused(41, socket.AF_INET, socket.SOCK_RAW, 1), refused(41, socket.AF_INET6, socket.SOCK_RAW, 58), refused(41, socket.AF_INET, socket.SOCK_RAW, 255))


@attempt
def privileged_port():
    endpoint = socket.socket()
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        first = int(file.read())
    if first <= 80:
        return True, "the namespace lets everyone bind; it has no way out"
    try:
        endpoint.bind(("127.0.0.1", 80))
        return False, "port 80 was bound"
    except PermissionError:
        return True, "EACCES"
