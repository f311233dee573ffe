using System;
using System.IO;
using System.Text;
using System.Threading;

namespace Nuage.Runtime
{
    /// <summary>Events of the function's log, in AWS's two forms, as frames on standard output.</summary>
    internal static class Log
    {
        private static readonly string[] Names = { "Trace", "Debug", "Information", "Warning", "Error", "Critical" };
        private static readonly string[] Short = { "trce", "dbug", "info", "warn", "fail", "crit" };
        private static readonly Stream Output = Console.OpenStandardOutput();
        private static bool json;
        private static int least;

        private static readonly AsyncLocal<string> Current = new AsyncLocal<string>();

        /// <summary>Of the invocation that runs; null before the first. What a handler begins belongs to its invocation.</summary>
        public static string RequestId
        {
            get { return Current.Value; }
            set { Current.Value = value; }
        }

        /// <summary>Says that the process waits for its function: a frame that is no event.</summary>
        public static void Ready()
        {
            RequestId = null;
            Output.Write(new byte[] { 0xa5, 0x5a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 0, 16);
            Output.Flush();
        }

        /// <summary>Compiles what writes an event, and writes none.</summary>
        public static void Rehearse()
        {
            foreach (bool form in new[] { true, false })
            {
                json = form;
                Frame(Text(2, "a", new Exception("b")));
            }
            new Lines("Information").Flush();
        }

        /// <summary>From now on what the function prints is written as events.</summary>
        public static void Install()
        {
            json = string.Equals(Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_FORMAT"), "JSON", StringComparison.OrdinalIgnoreCase);
            string level = (Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL") ?? "").ToUpperInvariant();
            least = Math.Max(0, Array.IndexOf(new[] { "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL" }, level));
            Console.SetOut(new Lines("Information"));
            Console.SetError(new Lines("Error"));
        }

        public static void Write(string level, string message, Exception exception)
        {
            int index = Math.Max(0, Array.IndexOf(Names, level));
            if (index >= least) Event(Frame(Text(index, message, exception)));
        }

        private static string Text(int index, string message, Exception exception)
        {
            string now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
            var text = new StringBuilder();
            if (json)
            {
                text.Append("{\"timestamp\":\"").Append(now).Append("\",\"level\":\"").Append(Names[index]).Append('"');
                if (RequestId != null) text.Append(",\"requestId\":\"").Append(RequestId).Append('"');
                text.Append(",\"message\":");
                Json.Quote(text, message ?? "");
                if (exception != null)
                {
                    text.Append(",\"errorType\":");
                    Json.Quote(text, exception.GetType().FullName);
                    text.Append(",\"errorMessage\":");
                    Json.Quote(text, exception.Message);
                    text.Append(",\"stackTrace\":[");
                    string[] frames = Failure.Frames(exception);
                    for (int frame = 0; frame < frames.Length; frame++)
                    {
                        if (frame > 0) text.Append(',');
                        Json.Quote(text, frames[frame]);
                    }
                    text.Append(']');
                }
                text.Append('}');
            }
            else
            {
                text.Append(now).Append('\t').Append(RequestId).Append('\t').Append(Short[index]).Append('\t').Append(message);
                if (exception != null) text.Append(string.IsNullOrEmpty(message) ? "" : "\n").Append(exception);
            }
            return text.ToString();
        }

        private static byte[] Frame(string text)
        {
            byte[] message = Encoding.UTF8.GetBytes(text);
            var frame = new byte[16 + message.Length];
            long time = (DateTime.UtcNow.Ticks - new DateTime(1970, 1, 1).Ticks) / 10;
            new byte[] { 0xa5, 0x5a, 0, 3 }.CopyTo(frame, 0);
            for (int index = 0; index < 4; index++) frame[4 + index] = (byte)(message.Length >> (24 - 8 * index));
            for (int index = 0; index < 8; index++) frame[8 + index] = (byte)(time >> (56 - 8 * index));
            message.CopyTo(frame, 16);
            return frame;
        }

        private static void Event(byte[] frame)
        {
            lock (Output)
            {
                Output.Write(frame, 0, frame.Length);
                Output.Flush();
            }
        }

        /// <summary>Makes an event of each line that is printed.</summary>
        private sealed class Lines : TextWriter
        {
            private readonly string level;
            private readonly StringBuilder pending = new StringBuilder();

            public Lines(string level)
            {
                this.level = level;
            }

            public override Encoding Encoding
            {
                get { return Encoding.UTF8; }
            }

            public override void Write(char value)
            {
                Write(value.ToString());
            }

            public override void Write(char[] values, int index, int count)
            {
                Write(new string(values, index, count));
            }

            public override void WriteLine()
            {
                Write("\n");
            }

            public override void WriteLine(string value)
            {
                // One call is one event, however many lines it has.
                string whole;
                lock (pending)
                {
                    whole = pending.Append(value).ToString();
                    pending.Clear();
                }
                Log.Write(level, whole, null);
            }

            public override void Write(string value)
            {
                if (value == null) return;
                lock (pending)
                {
                    foreach (char next in value)
                    {
                        if (next == '\n')
                        {
                            Log.Write(level, pending.ToString(), null);
                            pending.Clear();
                        }
                        else if (next != '\r')
                        {
                            pending.Append(next);
                        }
                    }
                }
            }

            public override void Flush()
            {
                string rest;
                lock (pending)
                {
                    rest = pending.ToString();
                    pending.Clear();
                }
                if (rest != "") Log.Write(level, rest, null);
            }
        }
    }
}
