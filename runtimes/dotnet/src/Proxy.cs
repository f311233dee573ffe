using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;

namespace Nuage.Runtime
{
    /// <summary>
    /// Objects for interfaces that are known only when the function is: those of the Amazon.Lambda.Core in its package.
    /// </summary>
    public abstract class Proxy
    {
        private static readonly ModuleBuilder Module = AssemblyBuilder
            .DefineDynamicAssembly(new AssemblyName("Nuage.Runtime.Proxies"), AssemblyBuilderAccess.Run)
            .DefineDynamicModule("Proxies");
        private static readonly Dictionary<Type, Type> Known = new Dictionary<Type, Type>();

        private Func<string, object[], object> answer;

        /// <summary>An object of this interface. `answer` gets a method's name (`get_X` for a property) and arguments.</summary>
        public static object Make(Type type, Func<string, object[], object> answer)
        {
            Type made;
            lock (Known)
            {
                if (!Known.TryGetValue(type, out made))
                {
                    made = Build(type);
                    Known[type] = made;
                }
            }
            var proxy = (Proxy)Activator.CreateInstance(made);
            proxy.answer = answer;
            return proxy;
        }

        public object Answer(string name, object[] arguments)
        {
            return answer(name, arguments);
        }

        private static Type Build(Type type)
        {
            TypeBuilder builder = Module.DefineType(type.FullName + "Proxy", TypeAttributes.Public, typeof(Proxy), new[] { type });
            var interfaces = new List<Type>(type.GetInterfaces()) { type };
            foreach (Type one in interfaces)
            {
                foreach (MethodInfo method in one.GetMethods())
                {
                    // A method that the interface implements itself is good enough.
                    if (method.IsAbstract) Define(builder, method);
                }
            }
            return builder.CreateType();
        }

        private static void Define(TypeBuilder builder, MethodInfo method)
        {
            ParameterInfo[] parameters = method.GetParameters();
            Type[] types = Array.ConvertAll(parameters, parameter => parameter.ParameterType);
            const MethodAttributes Attributes =
                MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig | MethodAttributes.NewSlot;
            MethodBuilder made = builder.DefineMethod(method.Name, Attributes, method.ReturnType, types);
            ILGenerator code = made.GetILGenerator();
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldstr, method.Name);
            code.Emit(OpCodes.Ldc_I4, types.Length);
            code.Emit(OpCodes.Newarr, typeof(object));
            for (int index = 0; index < types.Length; index++)
            {
                code.Emit(OpCodes.Dup);
                code.Emit(OpCodes.Ldc_I4, index);
                code.Emit(OpCodes.Ldarg, (short)(index + 1));
                if (types[index].IsValueType) code.Emit(OpCodes.Box, types[index]);
                code.Emit(OpCodes.Stelem_Ref);
            }
            code.Emit(OpCodes.Call, typeof(Proxy).GetMethod("Answer"));
            if (method.ReturnType == typeof(void)) code.Emit(OpCodes.Pop);
            else code.Emit(OpCodes.Unbox_Any, method.ReturnType);
            code.Emit(OpCodes.Ret);
            builder.DefineMethodOverride(made, method);
        }
    }
}
