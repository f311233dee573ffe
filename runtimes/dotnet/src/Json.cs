using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Nuage.Runtime
{
    /// <summary>The little JSON that the client itself reads and writes; events go through the function's serializer.</summary>
    internal sealed class Json
    {
        private readonly string text;
        private int at;

        private Json(string text)
        {
            this.text = text;
        }

        /// <summary>Objects, arrays and texts; other values are kept as their text.</summary>
        public static object Parse(string text)
        {
            return new Json(text).Value();
        }

        private char Peek()
        {
            while (at < text.Length && text[at] <= ' ') at++;
            if (at >= text.Length) throw new FormatException("unexpected end of JSON");
            return text[at];
        }

        private object Value()
        {
            char first = Peek();
            if (first == '"') return Text();
            if (first == '{')
            {
                at++;
                var map = new Dictionary<string, object>();
                while (Peek() != '}')
                {
                    string name = Text();
                    if (Peek() != ':') throw new FormatException("no colon");
                    at++;
                    map[name] = Value();
                    if (Peek() == ',') at++;
                }
                at++;
                return map;
            }
            if (first == '[')
            {
                at++;
                var list = new List<object>();
                while (Peek() != ']')
                {
                    list.Add(Value());
                    if (Peek() == ',') at++;
                }
                at++;
                return list;
            }
            int begin = at;
            while (at < text.Length && ",]} \t\r\n".IndexOf(text[at]) < 0) at++;
            string word = text.Substring(begin, at - begin);
            return word == "null" ? null : word;
        }

        private string Text()
        {
            if (Peek() != '"') throw new FormatException("no text");
            var result = new StringBuilder();
            for (at++; text[at] != '"'; at++)
            {
                if (text[at] != '\\')
                {
                    result.Append(text[at]);
                    continue;
                }
                at++;
                switch (text[at])
                {
                    case 'b': result.Append('\b'); break;
                    case 'f': result.Append('\f'); break;
                    case 'n': result.Append('\n'); break;
                    case 'r': result.Append('\r'); break;
                    case 't': result.Append('\t'); break;
                    case 'u':
                        result.Append((char)int.Parse(text.Substring(at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                        at += 4;
                        break;
                    default: result.Append(text[at]); break;
                }
            }
            at++;
            return result.ToString();
        }

        public static void Quote(StringBuilder into, string value)
        {
            into.Append('"');
            foreach (char next in value)
            {
                if (next == '"' || next == '\\') into.Append('\\').Append(next);
                else if (next == '\n') into.Append("\\n");
                else if (next == '\r') into.Append("\\r");
                else if (next == '\t') into.Append("\\t");
                else if (next < ' ') into.Append("\\u").Append(((int)next).ToString("x4"));
                else into.Append(next);
            }
            into.Append('"');
        }
    }
}
