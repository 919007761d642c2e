using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Disks;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Store;
using ImageCache.Engine.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

public sealed class StoredJsonTests
{
    public static TheoryData<Type> StoredTypes =>
        [.. typeof(StoredJson).Assembly.GetTypes().Where(static type => Array.Exists(type.GetInterfaces(), IsStoredDocument)), typeof(CacheEvent), typeof(NotedUse)];

    public static TheoryData<Type> TypesWithDefaults =>
        [.. StoredTypes.SelectMany(static row => Within(row.Data)).Distinct().Where(static type => type.GetConstructor([]) is not null)];

    [Theory]
    [MemberData(nameof(StoredTypes))]
    public void Every_type_that_is_stored_is_known_when_it_is_compiled(Type type) => Assert.NotNull(StoredJsonContext.Default.GetTypeInfo(type));

    [Theory]
    [MemberData(nameof(TypesWithDefaults))]
    public void What_a_document_does_not_say_is_as_in_a_new_one(Type type)
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = StoredJsonContext.Default.WithAddedModifier(static info => info.Properties.ToList().ForEach(static property => property.IsRequired = false)),
        };
        object made = Activator.CreateInstance(type)!;
        object read = JsonSerializer.Deserialize("{}", options.GetTypeInfo(type))!;
        Assert.All(type.GetProperties().Where(static property => property.SetMethod is not null), property => Assert.Equal(property.GetValue(made), property.GetValue(read)));
    }

    [Fact]
    public void A_record_of_before_is_written_back_the_same() => Same<ImageRecord>(
        """
        {
          "schemaVersion": 1,
          "id": "6f2d3f4e-0f53-4d29-a5a4-33c2fbb9c9d6",
          "descriptor": {
            "id": "6f2d3f4e-0f53-4d29-a5a4-33c2fbb9c9d6",
            "name": "Grün & <große> \"Übung\"",
            "status": "deactivated",
            "visibility": "public",
            "owner": "3f0d2e5a",
            "diskFormat": "qcow2",
            "containerFormat": "bare",
            "size": 10,
            "virtualSize": 117440512,
            "minDisk": 1,
            "checksum": "d41d8cd98f00b204e9800998ecf8427e",
            "hashAlgorithm": "sha512",
            "hashValue": "cf83e1",
            "createdAt": "2026-01-02T03:04:05+00:00",
            "updatedAt": "2026-01-02T03:04:05.1234567+02:00",
            "tags": [
              "a"
            ],
            "properties": {
              "os_distro": "cirros",
              "Mixed_Case": "1"
            },
            "locations": [
              "rbd://fsid/images/id/snap"
            ],
            "isSigned": true,
            "isCached": true,
            "alsoNew": "x"
          },
          "method": "rbdExport",
          "sourceUri": "https://example.org/a.qcow2",
          "sourceDigest": "sha512:cf83e1",
          "digest": "sha256:e3b0c4",
          "digestStatus": "verified",
          "signatureStatus": "untrusted",
          "signature": {
            "hash": "SHA-256:e3b0c4",
            "reason": "No chain.",
            "certificates": {
              "Cert-1": "-----BEGIN CERTIFICATE-----\nMII+/=\n-----END CERTIFICATE-----\n"
            },
            "trustedCertificates": [
              "Cert-2"
            ],
            "judgedAt": "2026-01-02T03:04:05+00:00"
          },
          "diskFormat": "raw",
          "size": 117440512,
          "virtualSize": 117440512,
          "inode": 18446744073709551615,
          "fetchedAt": "2026-01-02T03:04:05.5+00:00",
          "verifiedAt": "2026-01-02T03:04:06+00:00",
          "proof": {
            "at": "2026-01-02T03:04:07+00:00",
            "isIntact": false,
            "file": {
              "device": "8:1",
              "inode": 7,
              "size": 10,
              "modified": 9223372036854775807,
              "changed": -1
            }
          },
          "link": {
            "target": "/var/lib/imagecache/views/a",
            "volumeId": "v",
            "attachmentId": "t",
            "device": "/dev/sdb",
            "clonedFrom": "w"
          },
          "lastUsedAt": "2026-01-02T03:04:08+00:00",
          "useCount": 3,
          "node": "compute-1",
          "fromTheFuture": {
            "a": [
              1.50,
              null
            ]
          }
        }
        """);

    [Fact]
    public void A_critical_list_of_before_is_written_back_the_same() => Same<CriticalList>(
        """
        {
          "schemaVersion": 1,
          "images": [
            {
              "id": "6f2d3f4e",
              "descriptor": {
                "id": "6f2d3f4e",
                "status": "active",
                "minDisk": 0,
                "tags": [],
                "properties": {},
                "locations": [],
                "isSigned": false,
                "isCached": false
              },
              "registeredAs": "cirros",
              "sourceUri": "file:///a",
              "method": "volumeLink",
              "requireSignature": true,
              "targetSizes": [
                1073741824
              ],
              "registeredAt": "2026-01-02T03:04:05+00:00",
              "syncedAt": "2026-01-02T03:04:06+00:00",
              "alsoNew": "x"
            }
          ],
          "fromTheFuture": true
        }
        """);

    [Fact]
    public void Popularity_of_before_is_written_back_the_same() => Same<PopularityDocument>(
        """
        {
          "schemaVersion": 1,
          "images": [
            {
              "baseName": "da39a3ee",
              "id": "6f2d3f4e",
              "name": "cirros",
              "owner": "3f0d2e5a",
              "visibility": "private",
              "size": 10,
              "score": 0.1,
              "scoredAt": "2026-01-02T03:04:05+00:00",
              "totalUses": 4,
              "lastUsedAt": "2026-01-02T03:04:06+00:00",
              "disks": "AQID+/8="
            }
          ]
        }
        """);

    [Fact]
    public void A_target_of_before_is_written_back_the_same() => Same<TargetRecord>(
        """
        {
          "schemaVersion": 1,
          "imageId": "6f2d3f4e",
          "size": 1073741824,
          "baseDigest": "sha256:e3b0c4",
          "baseInode": 8,
          "baseLink": "/a",
          "inode": 9,
          "createdAt": "2026-01-02T03:04:05+00:00"
        }
        """);

    [Fact]
    public void A_hold_of_before_is_written_back_the_same() => Same<VolumeHold>(
        """
        {
          "schemaVersion": 1,
          "imageId": "6f2d3f4e",
          "volumeId": "v",
          "clonedFrom": "w",
          "size": 10,
          "others": [
            "o"
          ],
          "attachmentId": "t",
          "connection": "{\"driver_volume_type\":\"rbd\"}",
          "isConnectionComplete": true,
          "connected": {
            "volumeId": "v",
            "kind": "rbd",
            "path": "/dev/rbd0",
            "device": "{\"path\":\"/dev/rbd0\"}",
            "rbd": {
              "pool": "volumes",
              "image": "volume-v",
              "user": "cinder",
              "cluster": "ceph",
              "monitors": [
                "10.0.0.1:6789"
              ],
              "size": 10
            }
          },
          "view": {
            "directory": "/d",
            "path": "/d/view",
            "size": 10,
            "processId": 11,
            "startTime": 12,
            "bootId": "b",
            "logPath": "/d/log"
          },
          "shownAgainAt": "2026-01-02T03:04:05+00:00"
        }
        """);

    [Fact]
    public void A_document_that_says_no_schema_has_ours()
    {
        ImageRecord record = StoredJson.Parse<ImageRecord>(Encoding.UTF8.GetBytes(RecordBed.Text().Replace("\"schemaVersion\": 1,", string.Empty, StringComparison.Ordinal)));
        Assert.Equal(1, record.SchemaVersion);
        Assert.Equal(1, (int)JsonNode.Parse(StoredJson.Write(record))!["schemaVersion"]!);
    }

    private static void Same<T>(string json)
        where T : class, IStoredDocument<T>
    {
        T document = StoredJson.Parse<T>(Encoding.UTF8.GetBytes(json));
        Assert.Equal(json, Encoding.UTF8.GetString(StoredJson.Write(document)));

        // Written anew only the fields are missing that we do not know.
        JsonObject anew = (JsonObject)JsonNode.Parse(StoredJson.Write(document.WithOriginal(null)))!;
        JsonObject known = (JsonObject)JsonNode.Parse(json)!;
        foreach (JsonObject at in new[] { known, known["descriptor"], known["images"]?[0] }.OfType<JsonObject>())
        {
            at.Remove("fromTheFuture");
            at.Remove("alsoNew");
        }

        Assert.Equal(known.ToJsonString(), anew.ToJsonString());
    }

    private static bool IsStoredDocument(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IStoredDocument<>);

    // The type and those of our objects in it.
    private static IEnumerable<Type> Within(Type type)
        => StoredJsonContext.Default.GetTypeInfo(type) is not { } info ? []
            : info.Kind is JsonTypeInfoKind.Enumerable ? Within(info.ElementType!)
            : info.Kind is not JsonTypeInfoKind.Object ? []
            : info.Properties.Select(static property => property.PropertyType).SelectMany(Within).Prepend(type);
}
