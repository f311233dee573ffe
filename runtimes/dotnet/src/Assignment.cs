using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nuage.Runtime
{
    /// <summary>What a process that began before its function is told of it: {"environment": {name: value}}.</summary>
    internal static class Assignment
    {
        /// <summary>Reads it from descriptor 3, to the end.</summary>
        public static void Receive()
        {
            var all = new MemoryStream();
            using (var input = new FileStream(new SafeFileHandle(new IntPtr(3), true), FileAccess.Read)) input.CopyTo(all);
            Assume(all.ToArray());
            Configure();
        }

        /// <summary>The properties of the package's own configuration, as far as they count after the start.</summary>
        private static void Configure()
        {
            string handler = Environment.GetEnvironmentVariable("_HANDLER") ?? "";
            string assembly = handler.Split(new[] { "::" }, StringSplitOptions.None)[0];
            string file = assembly + ".runtimeconfig.json";
            if (assembly == "" || assembly.IndexOf('/') >= 0 || !File.Exists(file)) return;
            var own = Json.Parse(File.ReadAllText(file)) as Dictionary<string, object>;
            var options = Member(own, "runtimeOptions");
            foreach (KeyValuePair<string, object> property in Member(options, "configProperties"))
            {
                if (property.Value is bool) AppContext.SetSwitch(property.Key, (bool)property.Value);
                else AppDomain.CurrentDomain.SetData(property.Key, Convert.ToString(property.Value, CultureInfo.InvariantCulture));
            }
        }

        private static Dictionary<string, object> Member(Dictionary<string, object> of, string name)
        {
            object found = null;
            if (of != null) of.TryGetValue(name, out found);
            return found as Dictionary<string, object> ?? new Dictionary<string, object>();
        }

        /// <summary>Takes on these environment variables, and no other, and the function's directory.</summary>
        public static void Assume(byte[] text)
        {
            var assignment = (Dictionary<string, object>)Json.Parse(Encoding.UTF8.GetString(text));
            object found;
            if (!assignment.TryGetValue("environment", out found)) return;
            var variables = (Dictionary<string, object>)found;
            foreach (string name in new ArrayList(Environment.GetEnvironmentVariables().Keys))
            {
                if (!variables.ContainsKey(name)) Environment.SetEnvironmentVariable(name, null);
            }
            foreach (KeyValuePair<string, object> variable in variables)
            {
                Environment.SetEnvironmentVariable(variable.Key, (string)variable.Value);
            }
            Directory.SetCurrentDirectory(Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT"));
        }
    }
}
