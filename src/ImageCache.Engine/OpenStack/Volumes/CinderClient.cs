using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.OpenStack.Identity;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>
/// The block storage service: volumes and attachments. Works as the caller's project, whose volumes it sees; an administrator sees
/// all. Source: Block Storage API v3. Methods may run at the same time.
/// </summary>
internal sealed class CinderClient(ServiceClient service, ServiceHttp http, KeystoneSession identity, TimeProvider time)
{
    private const int PageSize = 1000;
    private const int MostPages = 10_000;

    private readonly CinderSession _session = new(service, http, identity);

    /// <summary>How long the waits may take.</summary>
    public CinderPatience Patience { get; init; } = new();

    /// <summary>Where the service is and what it speaks; asks only once.</summary>
    /// <exception cref="UnavailableException">It is too old, or no Cinder.</exception>
    public Task<CinderAgreement> AgreeAsync(CancellationToken cancellationToken) => _session.AgreeAsync(cancellationToken);

    /// <summary>Reads a volume.</summary>
    /// <returns><see langword="null"/> when there is none, or none that this project may see.</returns>
    public Task<CinderVolume?> FindVolumeAsync(string id, CancellationToken cancellationToken)
        => ReadAsync(HttpMethod.Get, endpoint => endpoint.Volume(id), $"read the record of volume '{id}'", null, Volume, cancellationToken);

    /// <summary>Reads a volume.</summary>
    /// <exception cref="NotFoundException">There is none, or none that this project may see.</exception>
    public async Task<CinderVolume> ShowVolumeAsync(string id, CancellationToken cancellationToken)
        => await FindVolumeAsync(id, cancellationToken).ConfigureAwait(false) ?? throw NoSuchVolume(id);

    /// <summary>Lists the volumes, of this project, whose metadata hold a value; looks at each by itself, too, for some servers ignore filters.</summary>
    public async IAsyncEnumerable<CinderVolume> ListVolumesAsync(
        string key, string value, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The filter is Python's spelling of a dictionary, so that both must be free of what would have to be escaped.
        string? marker = null;
        string filter = Uri.EscapeDataString($"{{'{PythonWord(key)}': '{PythonWord(value)}'}}");
        for (int page = 0; page < MostPages; page++)
        {
            string query = $"metadata={filter}&limit={PageSize}{(marker is null ? string.Empty : $"&marker={marker}")}";
            List<CinderVolume> volumes = await ListAsync(endpoint => endpoint.VolumeList(query), "volumes", "list volumes", ReadVolume, cancellationToken).ConfigureAwait(false);
            foreach (CinderVolume volume in volumes.Where(volume => volume.Metadata.GetValueOrDefault(key) == value))
            {
                yield return volume;
            }

            if (volumes.Count < PageSize || volumes[^1].Id == marker)
            {
                yield break;
            }

            marker = volumes[^1].Id;
        }
    }

    /// <summary>Asks for a copy of a volume. Never repeated: an answer that is lost may have made one, which its metadata find.</summary>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    /// <exception cref="UnavailableException">The quota is used up, or no answer.</exception>
    public async Task<CinderVolume> CloneAsync(CloneRequest request, CancellationToken cancellationToken)
    {
        JsonObject metadata = new(request.Metadata.Select(static pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
        JsonObject body = new()
        {
            ["volume"] = new JsonObject { ["source_volid"] = request.SourceVolumeId, ["name"] = request.Name, ["metadata"] = metadata },
        };
        return await ReadAsync(
            HttpMethod.Post, static endpoint => endpoint.Volumes, $"make a copy of volume '{request.SourceVolumeId}'", body, Volume, cancellationToken).ConfigureAwait(false)
            ?? throw NoSuchVolume(request.SourceVolumeId);
    }

    /// <summary>Waits until a volume is available.</summary>
    /// <exception cref="UnavailableException">It failed, or takes too long.</exception>
    public Task<CinderVolume> WaitUntilAvailableAsync(string id, CancellationToken cancellationToken) => new Poll(time, Patience).UntilAsync(
        Patience.Volume,
        token => ShowVolumeAsync(id, token),
        static volume => volume.Status == CinderVolume.Available,
        async (volume, token) => volume.HasFailed
            ? Failed($"Volume '{id}' is in the state '{volume.Status}'{await WhyAsync(id, token).ConfigureAwait(false)}.")
            : null,
        volume => TooLong($"Volume '{id}' is still in the state '{volume.Status}' after {Patience.Volume.TotalSeconds:0} s."),
        cancellationToken);

    /// <summary>Waits until Cinder has made a volume, or given up, so that it can be deleted.</summary>
    /// <exception cref="UnavailableException">It takes too long.</exception>
    public Task WaitUntilMadeAsync(string id, CancellationToken cancellationToken) => new Poll(time, Patience).UntilAsync(
        Patience.Deletion,
        token => FindVolumeAsync(id, token),
        static volume => volume is not { Status: CinderVolume.Creating },
        static (_, _) => Task.FromResult<ImageCacheException?>(null),
        _ => TooLong($"Volume '{id}' is still being made after {Patience.Deletion.TotalSeconds:0} s, and cannot be deleted before."),
        cancellationToken);

    /// <summary>Waits until a volume that was deleted is gone.</summary>
    /// <exception cref="UnavailableException">It could not be deleted, or it takes too long.</exception>
    public Task WaitUntilGoneAsync(string id, CancellationToken cancellationToken) => new Poll(time, Patience).UntilAsync(
        Patience.Deletion,
        token => FindVolumeAsync(id, token),
        static volume => volume is null,
        async (volume, token) => volume!.HasFailed
            ? Failed($"Volume '{id}' could not be deleted: it is in the state '{volume.Status}'{await WhyAsync(id, token).ConfigureAwait(false)}.")
            : null,
        volume => TooLong($"Volume '{id}' is still there, in the state '{volume!.Status}', after {Patience.Deletion.TotalSeconds:0} s."),
        cancellationToken);

    /// <summary>Deletes a volume; the deletion goes on after the answer.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="BusyException">It is attached, or in a state that does not allow it.</exception>
    public Task<bool> DeleteVolumeAsync(string id, CancellationToken cancellationToken)
        => DeleteAsync(endpoint => endpoint.Volume(id), $"delete volume '{id}'", cancellationToken);

    /// <summary>
    /// Reserves a volume for us, read-only; nothing can be read before <see cref="UpdateAttachmentAsync"/>. Keep the id before anything
    /// else: a volume that is reserved and forgotten stays so. Never repeated.
    /// </summary>
    /// <exception cref="BusyException">It is attached already and not multiattach, or somebody else attaches it in this moment.</exception>
    /// <exception cref="NotFoundException">There is no such volume.</exception>
    public async Task<CinderAttachment> ReserveAsync(string volumeId, CancellationToken cancellationToken)
    {
        CinderAgreement agreement = await AgreeAsync(cancellationToken).ConfigureAwait(false);
        JsonObject attachment = new() { ["volume_uuid"] = volumeId };
        if (agreement.HasAttachMode)
        {
            attachment["mode"] = "ro";
        }

        return await ReadAsync(
            HttpMethod.Post, static endpoint => endpoint.Attachments, $"reserve volume '{volumeId}'", new JsonObject { ["attachment"] = attachment }, Attachment, cancellationToken)
            .ConfigureAwait(false) ?? throw NoSuchVolume(volumeId);
    }

    /// <summary>Gives an attachment this node's connector, and has how to connect in return. May be repeated.</summary>
    /// <param name="id">The attachment.</param>
    /// <param name="connector">What os-brick says of this node, a JSON object.</param>
    /// <param name="node">The node's name, for <see cref="AttachmentMark"/>.</param>
    /// <param name="cancellationToken">Stops it; the attachment stays.</param>
    /// <exception cref="NotFoundException">The attachment is gone.</exception>
    /// <exception cref="ImageCacheException">The store could not export the volume, or something else was in the way.</exception>
    public async Task<CinderAttachment> UpdateAttachmentAsync(string id, JsonObject connector, string node, CancellationToken cancellationToken)
    {
        JsonObject own = (JsonObject)connector.DeepClone();
        own["mountpoint"] = AttachmentMark.Of(node);

        // What 3.54 says when the attachment is made, older servers take from here.
        own["mode"] = "ro";
        JsonObject body = new() { ["attachment"] = new JsonObject { ["connector"] = own } };
        CinderAttachment attachment = await ReadAsync(HttpMethod.Put, endpoint => endpoint.Attachment(id), $"connect attachment '{id}'", body, Attachment, cancellationToken)
            .ConfigureAwait(false) ?? throw NoSuchAttachment(id);
        return attachment.Connection is not null ? attachment : await WaitForConnectionAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells Cinder that the volume is connected. May be repeated.</summary>
    /// <exception cref="NotFoundException">The attachment is gone.</exception>
    public async Task CompleteAsync(string id, CancellationToken cancellationToken)
    {
        JsonObject body = new() { ["os-complete"] = null };
        using JsonDocument? answer = await SendAsync(HttpMethod.Post, endpoint => endpoint.AttachmentAction(id), $"complete attachment '{id}'", body, true, cancellationToken)
            .ConfigureAwait(false) ?? throw NoSuchAttachment(id);
    }

    /// <summary>Reads an attachment, its connection included.</summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    public Task<CinderAttachment?> FindAttachmentAsync(string id, CancellationToken cancellationToken)
        => ReadAsync(HttpMethod.Get, endpoint => endpoint.Attachment(id), $"read attachment '{id}'", null, Attachment, cancellationToken);

    /// <summary>Lists a volume's attachments, whoever's they are and in whatever state.</summary>
    public async Task<IReadOnlyList<CinderAttachment>> ListAttachmentsAsync(string volumeId, CancellationToken cancellationToken)
    {
        // Those who are no administrators have all_tenants ignored.
        string query = $"volume_id={Uri.EscapeDataString(volumeId)}&all_tenants=1&limit={PageSize}";
        List<CinderAttachment> all = await ListAsync(endpoint => endpoint.AttachmentList(query), "attachments", $"list the attachments of volume '{volumeId}'", ReadAttachment, cancellationToken).ConfigureAwait(false);
        return [.. all.Where(attachment => string.Equals(attachment.VolumeId, volumeId, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>
    /// The completed attachments of a volume that are this node's and ours. One that is not completed bears no mark: only its id,
    /// kept when it was made, tells that it is ours.
    /// </summary>
    public async Task<IReadOnlyList<VolumeUse>> ListOursAsync(string volumeId, string node, CancellationToken cancellationToken)
        => await FindVolumeAsync(volumeId, cancellationToken).ConfigureAwait(false) is { } volume
            ? [.. volume.Uses.Where(use => AttachmentMark.IsOurs(use, node))]
            : [];

    /// <summary>Deletes an attachment, after the node has let the volume go. May be repeated.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="BusyException">Cinder does not let go of it: it is an instance's.</exception>
    public Task<bool> DeleteAttachmentAsync(string id, CancellationToken cancellationToken)
        => DeleteAsync(endpoint => endpoint.Attachment(id), $"delete attachment '{id}'", cancellationToken);

    private static CinderVolume ReadVolume(JsonElement element)
        => CinderJson.TryReadVolume(element, out CinderVolume? volume, out string? reason) ? volume : throw new FormatException(reason);

    private static CinderVolume Volume(JsonElement root) => ReadVolume(JsonRead.Member(root, "volume"));

    private static CinderAttachment ReadAttachment(JsonElement element)
        => CinderJson.TryReadAttachment(element, out CinderAttachment? attachment, out string? reason) ? attachment : throw new FormatException(reason);

    private static CinderAttachment Attachment(JsonElement root) => ReadAttachment(JsonRead.Member(root, "attachment"));

    private static string PythonWord(string text)
        => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':') ? text : throw new ArgumentException($"'{text}' cannot be searched for.", nameof(text));

    private Task<CinderAttachment> WaitForConnectionAsync(string id, CancellationToken cancellationToken) => new Poll(time, Patience).UntilAsync(
        Patience.Attachment,
        async token => await FindAttachmentAsync(id, token).ConfigureAwait(false) ?? throw NoSuchAttachment(id),
        static attachment => attachment.Connection is not null,
        (attachment, _) => Task.FromResult<ImageCacheException?>(
            attachment.HasFailed ? Failed($"Attachment '{id}' of volume '{attachment.VolumeId}' is in the state '{attachment.Status}'.") : null),
        attachment => TooLong($"Attachment '{id}' of volume '{attachment.VolumeId}' is still in the state '{attachment.Status}' after {Patience.Attachment.TotalSeconds:0} s."),
        cancellationToken);

    // Cinder tells users why something failed by messages (3.3); they are a help, not a need.
    private async Task<string> WhyAsync(string volumeId, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument? answer = await SendAsync(HttpMethod.Get, endpoint => endpoint.Messages(volumeId), "read messages", null, false, cancellationToken).ConfigureAwait(false);
            JsonElement messages = answer is null ? default : JsonRead.Member(answer.RootElement, "messages");
            string? text = messages.ValueKind == JsonValueKind.Array
                ? messages.EnumerateArray().Select(static message => JsonRead.Text(message, "user_message")).FirstOrDefault(static message => message is not null)
                : null;
            return text is null ? string.Empty : $" ({http.Redactor.Text(text.TrimEnd('.'))})";
        }
        catch (ImageCacheException)
        {
            return string.Empty;
        }
    }

    private async Task<bool> DeleteAsync(Func<CinderEndpoint, Uri> url, string action, CancellationToken cancellationToken)
    {
        using JsonDocument? answer = await SendAsync(HttpMethod.Delete, url, action, null, true, cancellationToken).ConfigureAwait(false);
        return answer is not null;
    }

    private async Task<T?> ReadAsync<T>(
        HttpMethod method, Func<CinderEndpoint, Uri> url, string action, JsonObject? body, Func<JsonElement, T> read, CancellationToken cancellationToken)
        where T : class
    {
        using JsonDocument? answer = await SendAsync(method, url, action, body, method == HttpMethod.Put, cancellationToken).ConfigureAwait(false);
        try
        {
            return answer is null ? null : read(answer.RootElement);
        }
        catch (FormatException error)
        {
            throw await InvalidAsync(url, action, error, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<List<T>> ListAsync<T>(
        Func<CinderEndpoint, Uri> url, string name, string action, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        using JsonDocument? answer = await SendAsync(HttpMethod.Get, url, action, null, false, cancellationToken).ConfigureAwait(false);
        try
        {
            JsonElement list = answer is null ? default : JsonRead.Member(answer.RootElement, name);
            return list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(read)] : throw new FormatException($"it holds no list of {name}");
        }
        catch (FormatException error)
        {
            throw await InvalidAsync(url, action, error, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<UnavailableException> InvalidAsync(Func<CinderEndpoint, Uri> url, string action, FormatException error, CancellationToken cancellationToken)
    {
        CinderAgreement agreement = await AgreeAsync(cancellationToken).ConfigureAwait(false);
        return ServiceFailure.Invalid(new ServiceCall(service.Title, action), url(agreement.Endpoint), error.Message, error);
    }

    private async Task<JsonDocument?> SendAsync(
        HttpMethod method, Func<CinderEndpoint, Uri> url, string action, JsonObject? body, bool mayRepeat, CancellationToken cancellationToken)
    {
        CinderAgreement agreement = await AgreeAsync(cancellationToken).ConfigureAwait(false);
        CinderCall call = new()
        {
            Method = method,
            Url = url(agreement.Endpoint),
            Purpose = new ServiceCall(service.Title, action),
            Body = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()),
            MayRepeat = mayRepeat,
        };
        return await _session.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private static UnavailableException Failed(string message) => new(
        ErrorIds.VolumeFailed, message, nextStep: "Ask the cloud's operator, who finds the reason in the log of cinder-volume.", category: FailureCategory.ResourceUnavailable);

    private static UnavailableException TooLong(string message) => new(
        ErrorIds.VolumeFailed, message, nextStep: "Ask the cloud's operator whether cinder-volume runs.", category: FailureCategory.OperationTimeout);

    private NotFoundException NoSuchVolume(string id) => new(
        ErrorIds.VolumeNotFound,
        $"{char.ToUpperInvariant(service.Title[0])}{service.Title[1..]} knows no volume '{id}' that this project may see.",
        nextStep: "Volumes behind images belong to the project that Glance's cinder store works in: use credentials of that project.");

    private NotFoundException NoSuchAttachment(string id) => new(
        ErrorIds.VolumeNotFound,
        $"{char.ToUpperInvariant(service.Title[0])}{service.Title[1..]} knows no attachment '{id}' any more.",
        nextStep: "Somebody deleted it. Try again.");
}
