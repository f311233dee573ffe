using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Threading.Tasks;

namespace Nuage.Runtime
{
    /// <summary>The method that `Assembly::Namespace.Type::Method` names, found once and called for each invocation.</summary>
    internal sealed class Handler
    {
        private const string Core = "Amazon.Lambda.Core.";
        private readonly MethodInfo method;
        private readonly object instance;
        private readonly object serializer;

        private Handler(MethodInfo method, object instance, object serializer)
        {
            this.method = method;
            this.instance = instance;
            this.serializer = serializer;
        }

        /// <summary>A static method that takes and returns streams.</summary>
        public static Handler Of(MethodInfo method)
        {
            return new Handler(method, null, null);
        }

        public static Handler Find(string name)
        {
            const string Format = "The valid format is 'ASSEMBLY::TYPE::METHOD'.";
            if (string.IsNullOrEmpty(name)) throw new LambdaValidationException("Empty lambda function handler. " + Format);
            string[] parts = name.Split(new[] { "::" }, StringSplitOptions.None);
            if (parts.Length != 3 || Array.Exists(parts, part => part.Trim() == ""))
            {
                throw new LambdaValidationException("Invalid lambda function handler: '" + name + "'. " + Format);
            }
            Assembly assembly = LoadAssembly(parts[0]);
            Type type = assembly.GetType(parts[1]);
            if (type == null)
            {
                throw new LambdaValidationException("Unable to load type '" + parts[1] + "' from assembly '" + parts[0] + "'.");
            }
            MethodInfo method = FindMethod(type, parts[2], parts[0]);
            object instance = method.IsStatic ? null : Activator.CreateInstance(type);
            object serializer = FindSerializer(method, assembly);
            SetLogger(assembly);
            return new Handler(method, instance, serializer);
        }

        private static Assembly LoadAssembly(string name)
        {
            try
            {
                return Assembly.Load(new AssemblyName(name));
            }
            catch (FileNotFoundException)
            {
                throw new LambdaValidationException("Could not find the specified handler assembly with the file name '" + name
                    + "'. The assembly should be located in the root of your uploaded .zip file.");
            }
        }

        private static MethodInfo FindMethod(Type type, string name, string assembly)
        {
            const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
            for (Type at = type; at != null; at = at.BaseType)
            {
                MethodInfo[] found = Array.FindAll(
                    at.GetMethods(Any | BindingFlags.DeclaredOnly), one => one.Name == name || one.ToString() == name);
                if (found.Length == 1) return found[0];
                if (found.Length > 1)
                {
                    throw new LambdaValidationException("The method '" + name + "' in type '" + type.FullName
                        + "' appears in more than one overload. Specify the signature of the method.");
                }
            }
            throw new LambdaValidationException("Unable to find method '" + name + "' in type '" + type.FullName
                + "' from assembly '" + assembly + "'.");
        }

        private static object FindSerializer(MethodInfo method, Assembly assembly)
        {
            var attributes = new List<object>(method.GetCustomAttributes(true));
            attributes.AddRange(assembly.GetCustomAttributes(true));
            foreach (object attribute in attributes)
            {
                for (Type type = attribute.GetType(); type != null; type = type.BaseType)
                {
                    if (type.FullName == Core + "LambdaSerializerAttribute")
                    {
                        return Activator.CreateInstance((Type)type.GetProperty("SerializerType").GetValue(attribute, null));
                    }
                }
            }
            return null;
        }

        /// <summary>Amazon.Lambda.Core's LambdaLogger writes through ours.</summary>
        private static void SetLogger(Assembly assembly)
        {
            foreach (AssemblyName name in assembly.GetReferencedAssemblies())
            {
                if (name.Name != "Amazon.Lambda.Core") continue;
                Type logger = Assembly.Load(name).GetType(Core + "LambdaLogger");
                FieldInfo action = logger == null
                    ? null
                    : logger.GetField("_loggingAction", BindingFlags.Static | BindingFlags.NonPublic);
                if (action != null && action.FieldType == typeof(Action<string>))
                {
                    action.SetValue(null, new Action<string>(message => Log.Write("Information", message.TrimEnd('\n'), null)));
                }
            }
        }

        public byte[] Call(RuntimeApi.Received invocation)
        {
            ParameterInfo[] parameters = method.GetParameters();
            var arguments = new object[parameters.Length];
            for (int index = 0; index < parameters.Length; index++)
            {
                Type type = parameters[index].ParameterType;
                if (type.FullName == Core + "ILambdaContext") arguments[index] = new Context(invocation).Make(type);
                else if (index == 0) arguments[index] = Read(invocation.Body, type);
                else throw new LambdaValidationException("Unsupported parameter '" + parameters[index].Name + "' of the handler.");
            }
            object result = method.Invoke(instance, arguments);
            Type returned = method.ReturnType;
            var task = result as Task;
            if (task != null)
            {
                task.GetAwaiter().GetResult();
                returned = Generic(returned);
                result = returned == null ? null : result.GetType().GetProperty("Result").GetValue(result, null);
            }
            return returned == null || returned == typeof(void) ? new byte[0] : Write(result, returned);
        }

        /// <summary>What a Task is a task of; null for one without a result.</summary>
        private static Type Generic(Type task)
        {
            return task.IsGenericType ? task.GetGenericArguments()[0] : null;
        }

        private object Serializer(Type type)
        {
            if (serializer != null) return serializer;
            throw new LambdaValidationException("Could not find the LambdaSerializerAttribute on the assembly '"
                + method.DeclaringType.Assembly.GetName().Name + "' or method '" + method.Name
                + "' while the type '" + type.FullName + "' is neither Stream nor ILambdaContext.");
        }

        private object Read(byte[] body, Type type)
        {
            if (type == typeof(Stream)) return new MemoryStream(body);
            object with = Serializer(type);
            MethodInfo read = with.GetType().GetMethod("Deserialize").MakeGenericMethod(type);
            return read.Invoke(with, new object[] { new MemoryStream(body) });
        }

        private byte[] Write(object result, Type type)
        {
            var output = new MemoryStream();
            if (typeof(Stream).IsAssignableFrom(type))
            {
                if (result != null) ((Stream)result).CopyTo(output);
                return output.ToArray();
            }
            object with = Serializer(type);
            with.GetType().GetMethod("Serialize").MakeGenericMethod(type).Invoke(with, new[] { result, output });
            return output.ToArray();
        }
    }
}
