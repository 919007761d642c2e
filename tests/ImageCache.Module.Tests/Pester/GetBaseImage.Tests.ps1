BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
    $node = New-TestNode
    $cache = @{ ConfigurationPath = $node.ConfigurationPath }
    $images = 'alpha-1.raw', 'alpha-2.raw', 'beta.raw' | ForEach-Object { New-TestImage $node.Folder -Name $_ -Size 128KB }
    $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache
    # nova's own: a file that no record tells of.
    $foreign = Join-Path $node.CachePath '0123456789abcdef0123456789abcdef01234567'
    [IO.File]::WriteAllBytes($foreign, [byte[]]::new(70000))
}

AfterAll {
    Remove-Item $node.Folder -Recurse -Force
}

Describe 'Get-BaseImage' {
    It 'lists what is there, ours and nova''s alike' {
        $all = Get-BaseImage @cache
        $all | Should -HaveCount 4
        ($all | Where-Object Method -EQ 'Foreign').State | Should -Be 'Unrecorded'
        ($all | Where-Object Method -EQ 'Foreign').Id | Should -BeNullOrEmpty
        ($all | Where-Object Method -EQ 'Uri').Name | Sort-Object | Should -Be @('alpha-1.raw', 'alpha-2.raw', 'beta.raw')
    }

    It 'filters by a pattern of names, without regard to case' {
        (Get-BaseImage @cache -Name 'ALPHA*').Name | Sort-Object | Should -Be @('alpha-1.raw', 'alpha-2.raw')
        (Get-BaseImage @cache 'alpha-[12]*', 'b?ta.raw').Name | Sort-Object | Should -Be @('alpha-1.raw', 'alpha-2.raw', 'beta.raw')
    }

    It 'returns nothing for a pattern that matches nothing' {
        Get-BaseImage @cache -Name 'nope*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'tells of a name that nothing has' {
        Get-BaseImage @cache -Name 'nope', 'beta.raw' -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotCached,ImageCache.Module.Commands.GetBaseImageCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failed[0].TargetObject | Should -Be 'nope'
    }

    It 'finds one by id, by name and by file name' {
        $one = $fetched | Where-Object Name -EQ 'beta.raw'
        foreach ($reference in $one.Id, 'beta.raw', (Split-Path $one.Path -Leaf)) {
            (Get-BaseImage @cache -ImageId $reference).Path | Should -Be $one.Path
        }
    }

    It 'takes ids from the pipeline, by value and by property' {
        ($fetched.Id | Get-BaseImage @cache) | Should -HaveCount 3
        ($fetched | Get-BaseImage @cache) | Should -HaveCount 3
        ($fetched | Select-Object Id | Get-BaseImage @cache) | Should -HaveCount 3
        ($fetched | ForEach-Object { [pscustomobject]@{ Image = $_.Id } } | Get-BaseImage @cache) | Should -HaveCount 3
    }

    It 'takes its own objects, those of files without a record too' {
        Get-BaseImage @cache | Get-BaseImage @cache | Should -HaveCount 4
    }

    It 'tells of an id that is not here, and goes on' {
        'nobody', $fetched[0].Id | Get-BaseImage @cache -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotCached,ImageCache.Module.Commands.GetBaseImageCommand'
        $failed[0].TargetObject | Should -Be 'nobody'
    }

    It 'can be caught by type' {
        $caught = try { Get-BaseImage @cache -ImageId nobody -ErrorAction Stop } catch [ImageCache.NotFoundException] { $_ }
        $caught.Exception.ImageId | Should -Be 'nobody'
    }

    It 'stops after the first with Select-Object' {
        Get-BaseImage @cache | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'knows sizes, allocation and times' {
        $one = Get-BaseImage @cache -Name 'beta.raw'
        $one.Size | Should -Be 128KB
        $one.AllocatedSize | Should -BeGreaterThan 0
        ([DateTimeOffset]::UtcNow - $one.FetchedAt).TotalMinutes | Should -BeLessThan 10
        $one.Node | Should -Be ([Environment]::MachineName)
    }

    It 'tells when the cache is missing' {
        Get-BaseImage -CachePath (Join-Path $node.Folder 'nowhere') -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Be 'CacheUnavailable,ImageCache.Module.Commands.GetBaseImageCommand'
        $failed[0].TargetObject | Should -Be (Join-Path $node.Folder 'nowhere')
    }
}
