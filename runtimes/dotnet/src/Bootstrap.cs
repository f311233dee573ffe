using System;
using System.IO;
using System.Reflection;

namespace Nuage.Runtime
{
    /// <summary>
    /// The interface client of .NET class libraries: fetches invocations from the Runtime API and runs the handler.
    /// Executable assemblies speak to the Runtime API themselves.
    /// </summary>
    public static class Bootstrap
    {
        public static int Main()
        {
            string root = Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT");
            AppDomain.CurrentDomain.AssemblyResolve += (sender, wanted) => Resolve(root, wanted.Name);
            Log.Install();
            var api = new RuntimeApi(Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API"));
            Handler handler;
            try
            {
                handler = Handler.Find(Environment.GetEnvironmentVariable("_HANDLER"));
            }
            catch (Exception thrown)
            {
                Exception inner = Failure.Inner(thrown);
                Log.Write("Critical", "", inner);
                api.Last(RuntimeApi.Post("init/error", Failure.Document(inner), inner.GetType().Name));
                return 1;
            }
            byte[] answer = null;
            while (true)
            {
                RuntimeApi.Received invocation = api.NextInvocation(answer);
                string id = invocation["lambda-runtime-aws-request-id"];
                Log.RequestId = id;
                Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", invocation["lambda-runtime-trace-id"]);
                try
                {
                    answer = RuntimeApi.Post("invocation/" + id + "/response", handler.Call(invocation), null);
                }
                catch (Exception thrown)
                {
                    Exception inner = Failure.Inner(thrown);
                    Log.Write("Error", "", inner);
                    answer = RuntimeApi.Post("invocation/" + id + "/error", Failure.Document(inner), inner.GetType().Name);
                }
                Console.Out.Flush();
                Console.Error.Flush();
            }
        }

        /// <summary>Assemblies of the package and of layers, by their file names.</summary>
        private static Assembly Resolve(string root, string name)
        {
            foreach (string folder in new[] { root, "/opt/dotnet", "/opt" })
            {
                string file = Path.Combine(folder, new AssemblyName(name).Name + ".dll");
                if (File.Exists(file)) return Assembly.LoadFrom(file);
            }
            return null;
        }
    }
}
