using System;
using System.IO;
using System.Reflection;
using System.Threading;

namespace Nuage.Runtime
{
    /// <summary>
    /// The interface client of .NET class libraries: fetches invocations from the Runtime API and runs the handler.
    /// Executable assemblies speak to the Runtime API themselves.
    ///
    /// Started with the argument `wait` it begins before the function is known: it runs a function of its own, so that
    /// what invocations need is loaded and compiled, then reads its assignment. Without it the environment variables are
    /// there already.
    /// </summary>
    public static class Bootstrap
    {
        public static int Main(string[] arguments)
        {
            AppDomain.CurrentDomain.AssemblyResolve += (sender, wanted) => Resolve(wanted.Name);
            if (arguments.Length > 0 && arguments[0] == "wait")
            {
                Rehearsal.Run();
                Log.Ready();
                Assignment.Receive();
            }
            return Serve();
        }

        private static int Serve()
        {
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
            if (Environment.GetEnvironmentVariable("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start" && !Snapshot.Pass(api))
            {
                return 1;
            }
            string workers = Environment.GetEnvironmentVariable("AWS_LAMBDA_MAX_CONCURRENCY");
            for (int number = 1; workers != null && number < int.Parse(workers); number++) Begin(handler);
            Loop(api, handler, int.MaxValue, workers != null);
            return 0;
        }

        /// <summary>One more thread that serves invocations: where an environment takes several at once, each has one.</summary>
        private static void Begin(Handler handler)
        {
            var thread = new Thread(() =>
            {
                try
                {
                    Loop(new RuntimeApi(Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API")), handler, int.MaxValue, true);
                }
                catch (Exception)
                {
                    // The connection has ended, and with it the environment.
                    Environment.Exit(1);
                }
            });
            thread.IsBackground = true;
            thread.Start();
        }

        /// <summary>Serves invocations, at most `count` of them.</summary>
        internal static void Loop(RuntimeApi api, Handler handler, int count, bool concurrent)
        {
            byte[] answer = null;
            for (int number = 0; number < count; number++)
            {
                RuntimeApi.Received invocation = api.NextInvocation(answer);
                string id = invocation["lambda-runtime-aws-request-id"];
                Log.RequestId = id;
                // Where several invocations share the variables, none of them may have one.
                if (!concurrent) Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", invocation["lambda-runtime-trace-id"]);
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
            if (answer != null) api.Last(answer);
        }

        /// <summary>Assemblies of the package and of layers, by their file names.</summary>
        private static Assembly Resolve(string name)
        {
            string root = Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT");
            foreach (string folder in new[] { root, "/opt/dotnet", "/opt" })
            {
                string file = Path.Combine(folder, new AssemblyName(name).Name + ".dll");
                if (File.Exists(file)) return Assembly.LoadFrom(file);
            }
            return null;
        }
    }
}
