using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageCache.Cli.Output;

/// <summary>Writes the value of a setting, whose type only the setting knows.</summary>
internal sealed class SettingValueConverter : JsonConverter<object>
{
    /// <inheritdoc/>
    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case TimeSpan time:
                writer.WriteNumberValue(time.TotalSeconds);
                break;
            case IEnumerable<string> list:
                WriteList(writer, list);
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }

    private static void WriteList(Utf8JsonWriter writer, IEnumerable<string> list)
    {
        writer.WriteStartArray();
        foreach (string item in list)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }
}
