using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Threading;

namespace Nuage.Runtime
{
    /// <summary>Invocations of a function of its own, over a real connection: what they load and compile is ready then.</summary>
    public static class Rehearsal
    {
        private const int Invocations = 3;
        private const string Event = "{\"name\":\"a\\n\",\"count\":1,\"tags\":[\"x\"],\"more\":{\"a\":1.5,\"b\":null}}";

        /// <summary>As much of a context as makes one be built.</summary>
        public interface IContext
        {
            string AwsRequestId { get; }
            TimeSpan RemainingTime { get; }
            int MemoryLimitInMB { get; }
        }

        /// <summary>An event and an answer as handlers have them.</summary>
        public sealed class Item
        {
            public string Name { get; set; }
            public int Count { get; set; }
            public List<string> Tags { get; set; }
            public Dictionary<string, object> More { get; set; }
        }

        public static Stream Handle(Stream input)
        {
            return input;
        }

        public static void Run()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start(1);
            var peer = new Thread(() => Answer(listener)) { IsBackground = true };
            peer.Start();
            var api = new RuntimeApi("127.0.0.1:" + ((IPEndPoint)listener.LocalEndpoint).Port);
            Bootstrap.Loop(api, Handler.Of(typeof(Rehearsal).GetMethod("Handle")), Invocations, true);
            api.Close();
            peer.Join();
            listener.Stop();
            var received = new RuntimeApi.Received();
            received.Headers["lambda-runtime-deadline-ms"] = "1542409706888";
            var context = (IContext)new Context(received).Make(typeof(IContext));
            GC.KeepAlive(context.AwsRequestId + context.RemainingTime + context.MemoryLimitInMB);
            Json.Parse("{\"environment\":{\"A\":\"\\u0041\"}}");
            Log.Rehearse();
            Serialize();
        }

        /// <summary>What the serializer of most packages stands on; nothing where this .NET has it not.</summary>
        private static void Serialize()
        {
            try
            {
                Type serializer = Type.GetType("System.Text.Json.JsonSerializer, System.Text.Json");
                if (serializer == null) return;
                Type options = serializer.Assembly.GetType("System.Text.Json.JsonSerializerOptions");
                object chosen = Activator.CreateInstance(options);
                options.GetProperty("PropertyNameCaseInsensitive").SetValue(chosen, true, null);
                MethodInfo read = serializer.GetMethod("Deserialize", new[] { typeof(string), typeof(Type), options });
                MethodInfo write = serializer.GetMethod("Serialize", new[] { typeof(object), typeof(Type), options });
                foreach (Type type in new[] { typeof(Item), typeof(Dictionary<string, object>) })
                {
                    object item = read.Invoke(null, new[] { Event, type, chosen });
                    write.Invoke(null, new[] { item, type, chosen });
                }
            }
            catch (Exception)
            {
                // It is loaded when a function wants it.
            }
        }

        /// <summary>The other side.</summary>
        private static void Answer(TcpListener listener)
        {
            byte[] next = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: "
                + "8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\nLambda-Runtime-Deadline-Ms: 1542409706888\r\n"
                + "Lambda-Runtime-Invoked-Function-Arn: arn\r\nContent-Length: " + Event.Length + "\r\n\r\n" + Event);
            byte[] taken = Encoding.ASCII.GetBytes("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
            var buffer = new byte[65536];
            using (Socket peer = listener.AcceptSocket())
            {
                peer.NoDelay = true;
                for (int number = 0; number <= Invocations; number++)
                {
                    if (peer.Receive(buffer) <= 0) return;
                    if (number > 0) peer.Send(taken);
                    if (number < Invocations) peer.Send(next);
                }
            }
        }
    }
}
