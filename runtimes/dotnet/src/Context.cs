using System;
using System.Collections.Generic;
using System.Reflection;

namespace Nuage.Runtime
{
    /// <summary>What an ILambdaContext, and the objects in it, answer.</summary>
    internal sealed class Context
    {
        private readonly RuntimeApi.Received headers;
        private readonly DateTime deadline;

        public Context(RuntimeApi.Received headers)
        {
            this.headers = headers;
            string millis = headers["lambda-runtime-deadline-ms"];
            deadline = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(millis == null ? 0 : long.Parse(millis));
        }

        public object Make(Type type)
        {
            MethodInfo[] methods = type.GetMethods();
            return Proxy.Make(type, (name, arguments) =>
            {
                MethodInfo method = Array.Find(methods, one => one.Name == name);
                return Property(name, method == null ? typeof(object) : method.ReturnType);
            });
        }

        private object Property(string name, Type type)
        {
            switch (name)
            {
                case "get_AwsRequestId": return headers["lambda-runtime-aws-request-id"];
                case "get_InvokedFunctionArn": return headers["lambda-runtime-invoked-function-arn"];
                case "get_TraceId": return headers["lambda-runtime-trace-id"];
                case "get_TenantId": return headers["lambda-runtime-aws-tenant-id"];
                case "get_FunctionName": return Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_NAME");
                case "get_FunctionVersion": return Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_VERSION");
                case "get_LogGroupName": return Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_GROUP_NAME");
                case "get_LogStreamName": return Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_STREAM_NAME");
                case "get_MemoryLimitInMB":
                    return int.Parse(Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") ?? "0");
                case "get_RemainingTime":
                    TimeSpan left = deadline - DateTime.UtcNow;
                    return left < TimeSpan.Zero ? TimeSpan.Zero : left;
                case "get_Logger": return Proxy.Make(type, Logged);
                case "get_Identity":
                    Dictionary<string, object> identity = Sent("lambda-runtime-cognito-identity");
                    return Proxy.Make(type, (member, arguments) => Text(identity, Lower(member)));
                case "get_ClientContext":
                    Dictionary<string, object> client = Sent("lambda-runtime-client-context");
                    return client == null ? null : Client(type, client);
                default: return type.IsValueType && type != typeof(void) ? Activator.CreateInstance(type) : null;
            }
        }

        /// <summary>`get_IdentityId` to `cognitoIdentityId`.</summary>
        private static string Lower(string getter)
        {
            return "cognito" + getter.Substring("get_".Length);
        }

        private Dictionary<string, object> Sent(string header)
        {
            string value = headers[header];
            return string.IsNullOrEmpty(value) ? null : Json.Parse(value) as Dictionary<string, object>;
        }

        private static object Text(Dictionary<string, object> map, string name)
        {
            object value = null;
            if (map != null) map.TryGetValue(name, out value);
            return value as string;
        }

        private static object Client(Type type, Dictionary<string, object> sent)
        {
            return Proxy.Make(type, (name, arguments) =>
            {
                if (name == "get_Custom") return Texts(sent, "custom");
                if (name == "get_Environment") return Texts(sent, "env");
                object application;
                sent.TryGetValue("client", out application);
                Type wanted = type.GetMethod(name).ReturnType;
                var map = application as Dictionary<string, object>;
                return map == null ? null : Proxy.Make(wanted, (member, none) => Text(map, Underscored(member)));
            });
        }

        private static IDictionary<string, string> Texts(Dictionary<string, object> sent, string name)
        {
            object found;
            sent.TryGetValue(name, out found);
            var texts = new Dictionary<string, string>();
            foreach (KeyValuePair<string, object> entry in found as Dictionary<string, object> ?? new Dictionary<string, object>())
            {
                texts[entry.Key] = entry.Value == null ? null : entry.Value.ToString();
            }
            return texts;
        }

        /// <summary>`get_AppVersionName` to `app_version_name`.</summary>
        private static string Underscored(string getter)
        {
            string result = "";
            foreach (char next in getter.Substring("get_".Length))
            {
                result += char.IsUpper(next) && result != "" ? "_" + char.ToLowerInvariant(next) : char.ToLowerInvariant(next).ToString();
            }
            return result;
        }

        /// <summary>Log(message), LogLine(message), Log(level, message), LogInformation(message) and their like.</summary>
        private static object Logged(string name, object[] arguments)
        {
            string message = null;
            string level = "Information";
            Exception exception = null;
            foreach (object argument in arguments)
            {
                if (argument is Exception) exception = (Exception)argument;
                else if (argument is string && message != null) { level = message; message = (string)argument; }
                else if (argument is string) message = (string)argument;
                else if (argument is Enum) level = argument.ToString();
            }
            foreach (string known in new[] { "Trace", "Debug", "Information", "Warning", "Error", "Critical" })
            {
                if (name == "Log" + known) level = known;
            }
            Log.Write(level, message, exception);
            return null;
        }
    }
}
