using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>An image of a <see cref="FakeCloud"/>.</summary>
public sealed record FakeImage
{
    private static readonly ConditionalWeakTable<byte[], Known> s_digests = [];

    public string Id { get; init; } = Guid.NewGuid().ToString();

    public string? Name { get; init; }

    public string Status { get; init; } = "active";

    public string Visibility { get; init; } = "public";

    public string Owner { get; init; } = FakeCloud.ProjectId;

    public string? DiskFormat { get; init; } = "raw";

    public string? ContainerFormat { get; init; } = "bare";

    public byte[] Data { get; init; } = [];

    /// <summary>The size told, when it is not that of the data.</summary>
    public long? Size { get; init; }

    public long? VirtualSize { get; init; }

    public bool Hidden { get; init; }

    /// <summary>Whether md5 and sha512 of the data are told.</summary>
    public bool HasDigests { get; init; } = true;

    public string[] Tags { get; init; } = [];

    /// <summary>More keys of the record, or other values of the usual ones; values are what JSON serialization takes.</summary>
    public Dictionary<string, object?> Extra { get; init; } = [];

    /// <summary>The record as Glance shows it.</summary>
    public Dictionary<string, object?> ToRecord()
    {
        Dictionary<string, object?> record = new()
        {
            ["id"] = Id,
            ["name"] = Name,
            ["status"] = Status,
            ["visibility"] = Visibility,
            ["owner"] = Owner,
            ["disk_format"] = DiskFormat,
            ["container_format"] = ContainerFormat,
            ["size"] = Size ?? Data.Length,
            ["virtual_size"] = VirtualSize,
            ["os_hidden"] = Hidden,
            ["protected"] = false,
            ["min_disk"] = 0,
            ["min_ram"] = 0,
            ["checksum"] = HasDigests ? Digests().Md5 : null,
            ["os_hash_algo"] = HasDigests ? "sha512" : null,
            ["os_hash_value"] = HasDigests ? Digests().Sha512 : null,
            ["created_at"] = "2026-01-02T03:04:05Z",
            ["updated_at"] = "2026-01-02T03:04:06Z",
            ["tags"] = Tags,
            ["self"] = $"/v2/images/{Id}",
            ["file"] = $"/v2/images/{Id}/file",
            ["schema"] = "/v2/schemas/image",
        };
        foreach ((string key, object? value) in Extra)
        {
            record[key] = value;
        }

        return record;
    }

    // Glance has them at hand; to hash a large image for each answer would take longer than some timeouts.
    private (string Md5, string Sha512) Digests()
        => s_digests.GetValue(Data, static data => new Known(Convert.ToHexStringLower(MD5.HashData(data)), Convert.ToHexStringLower(SHA512.HashData(data)))).Both;

    private sealed class Known(string md5, string sha512)
    {
        public (string Md5, string Sha512) Both { get; } = (md5, sha512);
    }
}
