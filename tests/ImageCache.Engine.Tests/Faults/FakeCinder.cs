using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>
/// Cinder in memory, on the server of a <see cref="FakeCloud"/>: volumes and attachments with the statuses, refusals and forms of the
/// real one (cinder/api/v3, cinder/volume/api.py).
/// </summary>
public sealed class FakeCinder
{
    public const string Prefix = "/volume/v3";
    public const string AttachmentsPath = Prefix + "/" + FakeCloud.ProjectId + "/attachments";
    public const string VolumesPath = Prefix + "/" + FakeCloud.ProjectId + "/volumes";

    private readonly ConcurrentDictionary<string, FakeVolume> _volumes = new();
    private readonly ConcurrentDictionary<string, FakeAttachment> _attachments = new();
    private readonly Lock _lock = new();

    public FakeCinder(FakeCloud cloud)
    {
        Func<FaultRequest, FaultAnswer> others = cloud.Server.Fallback;
        cloud.Server.Fallback = request => request.Path.StartsWith("/volume", StringComparison.Ordinal) ? Answer(request) : others(request);
    }

    public string Newest { get; set; } = "3.70";

    public string Oldest { get; set; } = "3.0";

    /// <summary>What drivers answer; the attachment's id is added.</summary>
    public JsonObject Connection { get; set; } = new() { ["driver_volume_type"] = "nfs", ["export"] = "host:/share", ["name"] = "volume-1", ["access_mode"] = "ro", ["encrypted"] = false };

    /// <summary>The volumes that were made by requests.</summary>
    public IReadOnlyCollection<FakeVolume> Copies => [.. _volumes.Values.Where(static volume => volume.IsCopy)];

    /// <summary>The status of a new volume.</summary>
    public string NewStatus { get; set; } = "available";

    /// <summary>Volumes that the project may have.</summary>
    public int Quota { get; set; } = 100;

    /// <summary>Connections appear only after so many looks at an attachment.</summary>
    public int LooksUntilConnected { get; set; }

    public IReadOnlyCollection<FakeVolume> Volumes => [.. _volumes.Values];

    public IReadOnlyCollection<FakeAttachment> Attachments => [.. _attachments.Values];

    public FakeVolume Add(FakeVolume volume) => _volumes[volume.Id] = volume;

    public FakeAttachment Add(FakeAttachment attachment) => _attachments[attachment.Id] = attachment;

    /// <summary>Deletes an attachment, as an administrator does.</summary>
    public void Remove(string attachmentId)
    {
        lock (_lock)
        {
            Detach(attachmentId);
        }
    }

    /// <summary>Loses a volume.</summary>
    public void Forget(string volumeId) => _volumes.TryRemove(volumeId, out _);

    /// <summary>Loses all volumes with their attachments.</summary>
    public void Forget()
    {
        _attachments.Clear();
        _volumes.Clear();
    }

    private static FaultAnswer Refuse(int status, string key, string message)
        => FaultAnswer.Json(JsonSerializer.Serialize(new Dictionary<string, object> { [key] = new { code = status, message } }), status);

    private static FaultAnswer NotFound(string what) => Refuse(404, "itemNotFound", $"{what} could not be found.");

    private static FaultAnswer Ok(string name, JsonNode? node, int status = 200) => FaultAnswer.Json(new JsonObject { [name] = node }.ToJsonString(), status);

    /// <summary>Does what a request asks.</summary>
    public FaultAnswer Answer(FaultRequest request)
    {
        lock (_lock)
        {
            if (request.Path is "/volume/v3/" or "/volume/" or "/volume/v3")
            {
                return Versions() with { Status = request.Path == "/volume/" ? 300 : 200 };
            }

            string[] parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            return parts is not ["volume", "v3", FakeCloud.ProjectId, { } kind, .. { } rest] ? FaultAnswer.Text("nothing here", 404)
                : request.Header("X-Auth-Token") is null ? Refuse(401, "unauthorized", "no token")
                : kind switch
                {
                    "volumes" => Volume(request, rest),
                    "attachments" => Attachment(request, rest),
                    "messages" => Ok("messages", new JsonArray(new JsonObject { ["user_message"] = "schedule allocate volume: Could not find any available weighted backend." })),
                    _ => NotFound(kind),
                };
        }
    }

    private FaultAnswer Versions() => FaultAnswer.Json($$"""{"versions":[{"id":"v3.0","status":"CURRENT","version":"{{Newest}}","min_version":"{{Oldest}}","links":[]}]}""");

    private FaultAnswer Volume(FaultRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("POST", []) => Create(JsonNode.Parse(request.Body)!["volume"]!.AsObject()),
        ("GET", ["detail"]) => List(request),
        ("GET", [{ } id]) => _volumes.TryGetValue(id, out FakeVolume? volume) ? Ok("volume", ToJson(volume)) : NotFound($"Volume {id}"),
        ("DELETE", [{ } id]) => Delete(id),
        _ => NotFound("resource"),
    };

    private FaultAnswer List(FaultRequest request)
    {
        string filter = request.QueryValue("metadata") ?? string.Empty;
        IEnumerable<FakeVolume> found = _volumes.Values.Where(volume => volume.Metadata.Any(pair => filter == $"{{'{pair.Key}': '{pair.Value}'}}"));
        return Ok("volumes", new JsonArray([.. found.Select(ToJson)]));
    }

    private FaultAnswer Create(JsonObject request)
    {
        if (_volumes.Count >= Quota)
        {
            return Refuse(413, "overLimit", "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'.").WithHeader("Retry-After", "0");
        }

        string source = request["source_volid"]!.GetValue<string>();
        if (!_volumes.TryGetValue(source, out FakeVolume? original))
        {
            return NotFound($"Volume {source}");
        }

        if (original.Status is not ("available" or "in-use"))
        {
            return Refuse(400, "badRequest", $"Invalid volume: Source volume {source} status must be available or in-use, but is {original.Status}.");
        }

        FakeVolume made = Add(original with
        {
            Id = Guid.NewGuid().ToString(),
            IsCopy = true,
            Name = request["name"]!.GetValue<string>(),
            Status = NewStatus,
            Metadata = request["metadata"]!.AsObject().ToDictionary(static pair => pair.Key, static pair => pair.Value!.GetValue<string>()),
        });
        return Ok("volume", ToJson(made with { Status = "creating" }), 202);
    }

    private FaultAnswer Delete(string id)
    {
        if (!_volumes.TryGetValue(id, out FakeVolume? volume))
        {
            return NotFound($"Volume {id}");
        }

        if (volume.Status is not ("available" or "error"))
        {
            return Refuse(400, "badRequest", "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing.");
        }

        _volumes.TryRemove(id, out _);
        return FaultAnswer.Of(202);
    }

    private FaultAnswer Attachment(FaultRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("POST", []) => Reserve(JsonNode.Parse(request.Body)!["attachment"]!.AsObject()),
        ("GET", ["detail"]) => Ok("attachments", new JsonArray([.. _attachments.Values.Where(one => one.VolumeId == request.QueryValue("volume_id")).Select(ToJson)])),
        (_, [{ } id, ..]) when !_attachments.ContainsKey(id) => NotFound($"Volume attachment {id}"),
        ("GET", [{ } id]) => Look(id),
        ("PUT", [{ } id]) => Connect(id, JsonNode.Parse(request.Body)!["attachment"]!["connector"]!.AsObject()),
        ("POST", [{ } id, "action"]) => Complete(id),
        ("DELETE", [{ } id]) => Detach(id),
        _ => NotFound("resource"),
    };

    private FaultAnswer Reserve(JsonObject request)
    {
        string id = request["volume_uuid"]!.GetValue<string>();
        if (!_volumes.TryGetValue(id, out FakeVolume? volume))
        {
            return NotFound($"Volume {id}");
        }

        if (volume.Status is not ("available" or "downloading") && !(volume.IsMultiattach && volume.Status == "in-use"))
        {
            return Refuse(400, "badRequest", $"Invalid volume: Volume {id} status must be available or downloading to reserve, but the current status is {volume.Status}.");
        }

        _volumes[id] = volume with { Status = "reserved" };
        FakeAttachment made = Add(new FakeAttachment(Guid.NewGuid().ToString(), id) { Mode = request["mode"]?.GetValue<string>() ?? "null" });
        return Ok("attachment", ToJson(made));
    }

    private FaultAnswer Look(string id)
    {
        LooksUntilConnected--;
        return Ok("attachment", ToJson(_attachments[id]));
    }

    private FaultAnswer Connect(string id, JsonObject connector)
    {
        _attachments[id] = _attachments[id] with
        {
            IsConnected = true,
            Device = connector["mountpoint"]?.GetValue<string>(),
            Host = connector["host"]?.GetValue<string>(),
            Mode = connector["mode"]?.GetValue<string>(),
        };
        return Ok("attachment", ToJson(_attachments[id]));
    }

    private FaultAnswer Complete(string id)
    {
        _attachments[id] = _attachments[id] with { Status = "attached" };
        _volumes[_attachments[id].VolumeId] = _volumes[_attachments[id].VolumeId] with { Status = "in-use" };
        return FaultAnswer.Of(204);
    }

    private FaultAnswer Detach(string id)
    {
        FakeAttachment attachment = _attachments[id];
        if (attachment.Instance is not null)
        {
            return Refuse(409, "conflictingRequest", $"Detach volume from instance {attachment.Instance} using the Compute API");
        }

        _attachments.TryRemove(id, out _);
        if (_volumes.TryGetValue(attachment.VolumeId, out FakeVolume? volume))
        {
            _volumes[volume.Id] = volume with { Status = _attachments.Values.Any(one => one.VolumeId == volume.Id) ? "in-use" : "available" };
        }

        return Ok("attachments", new JsonArray());
    }

    private JsonObject ToJson(FakeVolume volume) => new()
    {
        ["id"] = volume.Id,
        ["name"] = volume.Name,
        ["status"] = volume.Status,
        ["size"] = volume.Size,
        ["multiattach"] = volume.IsMultiattach,
        ["encrypted"] = volume.IsEncrypted,
        ["volume_type"] = "fast",
        ["os-vol-tenant-attr:tenant_id"] = FakeCloud.ProjectId,
        ["metadata"] = new JsonObject(volume.Metadata.Select(static pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
        ["attachments"] = new JsonArray([.. _attachments.Values.Where(one => one.VolumeId == volume.Id && one.Status == "attached").Select(static one => new JsonObject
        {
            ["id"] = one.VolumeId,
            ["attachment_id"] = one.Id,
            ["server_id"] = one.Instance,
            ["device"] = one.Device,
            ["host_name"] = one.Host,
        })]),
    };

    private JsonObject ToJson(FakeAttachment attachment)
    {
        JsonObject connection = new();
        if (attachment.IsConnected && LooksUntilConnected <= 0)
        {
            connection = (JsonObject)Connection.DeepClone();
            connection["attachment_id"] = attachment.Id;
        }

        return new JsonObject
        {
            ["id"] = attachment.Id,
            ["status"] = attachment.Status,
            ["instance"] = attachment.Instance,
            ["volume_id"] = attachment.VolumeId,
            ["attached_at"] = string.Empty,
            ["detached_at"] = string.Empty,
            ["attach_mode"] = attachment.Mode,
            ["connection_info"] = connection,
        };
    }
}
