using System;
using System.Collections.Generic;
using System.Reflection;
using System.Threading.Tasks;

namespace Nuage.Runtime
{
    /// <summary>
    /// What a function registered around its snapshot, with `Amazon.Lambda.Core.SnapshotRestore` of its package. There is
    /// no snapshot of a process here: it waits, initialized, until the environment is wanted.
    /// </summary>
    internal static class Snapshot
    {
        /// <summary>False: a hook failed, and was told of.</summary>
        public static bool Pass(RuntimeApi api)
        {
            string path = "init/error";
            string type = "Runtime.BeforeSnapshotError";
            try
            {
                // The last registered is called first, and after the restoration the first.
                List<Delegate> before = Registered("CopyBeforeSnapshotCallbacksToRegistry");
                before.Reverse();
                before.ForEach(Call);
                byte[] assignment = api.AwaitRestore();
                path = "restore/error";
                type = "Runtime.AfterRestoreError";
                Assignment.Assume(assignment);
                Registered("CopyAfterRestoreCallbacksToRegistry").ForEach(Call);
                return true;
            }
            catch (Exception thrown)
            {
                Exception inner = Failure.Inner(thrown);
                Log.Write("Error", "", inner);
                Console.Out.Flush();
                api.Last(RuntimeApi.Post(path, Failure.Document(inner), type));
                return false;
            }
        }

        /// <summary>The hooks, in the order of their registration: Amazon.Lambda.Core hands each to what it is given.</summary>
        private static List<Delegate> Registered(string way)
        {
            var hooks = new List<Delegate>();
            foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
            {
                if (assembly.GetName().Name != "Amazon.Lambda.Core") continue;
                Type type = assembly.GetType("Amazon.Lambda.Core.SnapshotRestore");
                MethodInfo copy = type == null ? null : type.GetMethod(way, BindingFlags.Static | BindingFlags.NonPublic);
                if (copy == null) continue;
                Action<Delegate> add = hooks.Add;
                Type taker = copy.GetParameters()[0].ParameterType;
                copy.Invoke(null, new object[] { Delegate.CreateDelegate(taker, add.Target, add.Method) });
            }
            return hooks;
        }

        private static void Call(Delegate hook)
        {
            object begun = hook.DynamicInvoke();
            // A ValueTask, which the interfaces that this is compiled against do not have.
            var task = (Task)begun.GetType().GetMethod("AsTask").Invoke(begun, null);
            task.GetAwaiter().GetResult();
        }
    }
}
