using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Nuage.Runtime
{
    /// <summary>One connection to the Runtime API, kept open. An answer and the next request travel together.</summary>
    internal sealed class RuntimeApi
    {
        private const string Next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n";
        private readonly IPEndPoint address;
        private Socket socket;
        private readonly byte[] buffer = new byte[65536];
        private int begin;
        private int end;

        public sealed class Received
        {
            public int Status;
            public readonly Dictionary<string, string> Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            public byte[] Body;

            public string this[string name]
            {
                get
                {
                    string value;
                    return Headers.TryGetValue(name, out value) ? value : null;
                }
            }
        }

        public RuntimeApi(string host)
        {
            int colon = host.LastIndexOf(':');
            address = new IPEndPoint(IPAddress.Parse(host.Substring(0, colon)), int.Parse(host.Substring(colon + 1)));
        }

        public void Close()
        {
            if (socket != null) socket.Close();
            socket = null;
        }

        private void Connect()
        {
            if (socket != null) socket.Close();
            begin = end = 0;
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.NoDelay = true;
            socket.Connect(address);
        }

        private void Send(byte[] request)
        {
            if (socket == null) Connect();
            for (int sent = 0; sent < request.Length;)
            {
                sent += socket.Send(request, sent, request.Length - sent, SocketFlags.None);
            }
        }

        private bool Fill()
        {
            if (begin == end) begin = end = 0;
            if (end == buffer.Length) return false;
            int read = socket.Receive(buffer, end, buffer.Length - end, SocketFlags.None);
            end += read;
            return read > 0;
        }

        private string Line()
        {
            var line = new MemoryStream();
            while (true)
            {
                if (begin == end && !Fill()) return null;
                byte next = buffer[begin++];
                if (next == '\n') break;
                if (next != '\r') line.WriteByte(next);
            }
            return Encoding.UTF8.GetString(line.ToArray());
        }

        /// <summary>The next response; null when the connection has ended.</summary>
        private Received Receive()
        {
            string first = Line();
            if (first == null) return null;
            var received = new Received { Status = int.Parse(first.Substring(9, 3)) };
            for (string line = Line(); line != ""; line = Line())
            {
                if (line == null) return null;
                int colon = line.IndexOf(':');
                received.Headers[line.Substring(0, colon)] = line.Substring(colon + 1).Trim();
            }
            string length = received["content-length"];
            received.Body = new byte[length == null ? 0 : int.Parse(length)];
            int have = Math.Min(received.Body.Length, end - begin);
            Array.Copy(buffer, begin, received.Body, 0, have);
            begin += have;
            while (have < received.Body.Length)
            {
                int read = socket.Receive(received.Body, have, received.Body.Length - have, SocketFlags.None);
                if (read <= 0) return null;
                have += read;
            }
            return received;
        }

        /// <summary>Sends an answer, if there is one, and waits for the next invocation. Ends the process when there is none.</summary>
        public Received NextInvocation(byte[] answer)
        {
            byte[] next = Encoding.ASCII.GetBytes(Next);
            byte[] request = next;
            if (answer != null)
            {
                request = new byte[answer.Length + next.Length];
                answer.CopyTo(request, 0);
                next.CopyTo(request, answer.Length);
            }
            Received accepted = null;
            bool sent = false;
            for (int attempt = 0; attempt < 2 && !sent; attempt++)
            {
                try
                {
                    Send(request);
                    accepted = answer == null ? null : Receive();
                    sent = answer == null || accepted != null;
                }
                catch (SocketException)
                {
                    sent = false;
                }
                // The connection was lost before the answer was taken.
                if (!sent) Connect();
            }
            if (accepted != null && accepted["connection"] == "close")
            {
                // The answer was refused. What was wrong with it is known to the other side.
                Connect();
                Send(next);
            }
            Received received = Receive();
            if (received == null || received.Status != 200) Environment.Exit(1);
            return received;
        }

        /// <summary>Waits, initialized, until the environment is wanted; what it is told of itself then may be empty.</summary>
        public byte[] AwaitRestore()
        {
            Send(Encoding.ASCII.GetBytes("GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: runtime\r\n\r\n"));
            Received received = Receive();
            if (received == null || received.Status != 200) Environment.Exit(1);
            return received.Body;
        }

        /// <summary>Sends a request that nothing follows.</summary>
        public void Last(byte[] request)
        {
            Send(request);
            Receive();
        }

        public static byte[] Post(string path, byte[] body, string errorType)
        {
            string head = "POST /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.Length + "\r\n"
                + (errorType == null ? "" : "Lambda-Runtime-Function-Error-Type: " + errorType + "\r\n") + "\r\n";
            byte[] bytes = Encoding.ASCII.GetBytes(head);
            var request = new byte[bytes.Length + body.Length];
            bytes.CopyTo(request, 0);
            body.CopyTo(request, bytes.Length);
            return request;
        }
    }
}
