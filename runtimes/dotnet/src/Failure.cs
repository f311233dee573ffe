using System;
using System.Collections.Generic;
using System.Text;

namespace Nuage.Runtime
{
    /// <summary>What is wrong with a handler's name or type; the name is the one that AWS reports.</summary>
    public sealed class LambdaValidationException : Exception
    {
        public LambdaValidationException(string message) : base(message)
        {
        }
    }

    internal static class Failure
    {
        private const int CausesMax = 20;

        /// <summary>Task and reflection wrap what the handler threw.</summary>
        public static Exception Inner(Exception thrown)
        {
            while (thrown.InnerException != null
                && (thrown is System.Reflection.TargetInvocationException
                    || thrown is AggregateException && ((AggregateException)thrown).InnerExceptions.Count == 1))
            {
                thrown = thrown.InnerException;
            }
            return thrown;
        }

        public static string[] Frames(Exception thrown)
        {
            var frames = new List<string>();
            foreach (string line in (thrown.StackTrace ?? "").Split('\n'))
            {
                string frame = line.Trim();
                if (frame.Contains(" Nuage.Runtime.")) break;
                if (frame != "" && !frame.StartsWith("--- End of")) frames.Add(frame);
            }
            return frames.ToArray();
        }

        /// <summary>What the invoker gets.</summary>
        public static byte[] Document(Exception thrown)
        {
            var text = new StringBuilder();
            int depth = 0;
            for (Exception at = thrown; at != null && depth < CausesMax; at = at.InnerException, depth++)
            {
                text.Append(depth == 0 ? "{\"errorType\":" : ",\"cause\":{\"errorType\":");
                Json.Quote(text, at.GetType().Name);
                text.Append(",\"errorMessage\":");
                Json.Quote(text, at.Message);
                text.Append(",\"stackTrace\":[");
                string[] frames = Frames(at);
                for (int index = 0; index < frames.Length; index++)
                {
                    if (index > 0) text.Append(',');
                    Json.Quote(text, frames[index]);
                }
                text.Append(']');
            }
            return Encoding.UTF8.GetBytes(text.Append('}', depth).ToString());
        }
    }
}
