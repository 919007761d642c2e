BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    $lab = Get-LabEnvironment
    Clear-CloudEnvironment
    Import-TestModule
    $node = New-TestNode
    $cache = @{ ConfigurationPath = $node.ConfigurationPath }
}

AfterAll {
    Clear-CloudEnvironment
    Remove-Item $node.Folder -Recurse -Force
}

Describe 'Find-BaseImage without a cloud' {
    It 'says that none is configured' {
        Push-Location $node.Folder
        try {
            Find-BaseImage @cache -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        } finally {
            Pop-Location
        }

        $failed[0].FullyQualifiedErrorId | Should -Be 'CloudNotConfigured,ImageCache.Module.Commands.FindBaseImageCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'says that a named one is not configured' {
        { Find-BaseImage @cache -Cloud no-such-cloud -ErrorAction Stop } |
            Should -Throw -ErrorId 'CloudNotConfigured,ImageCache.Module.Commands.FindBaseImageCommand'
    }

    It 'says that nobody answers' {
        $env:OS_AUTH_URL = 'http://127.0.0.1:1/v3'
        $env:OS_USERNAME = $env:OS_PASSWORD = $env:OS_PROJECT_NAME = 'x'
        $env:OS_USER_DOMAIN_NAME = $env:OS_PROJECT_DOMAIN_NAME = 'Default'
        $env:IMAGECACHE_RETRIES = '0'
        try {
            Find-BaseImage @cache -ErrorAction SilentlyContinue -ErrorVariable failed
        } finally {
            Clear-CloudEnvironment
        }

        $failed[0].FullyQualifiedErrorId | Should -Be 'ServiceUnavailable,ImageCache.Module.Commands.FindBaseImageCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'ConnectionError'
    }
}

Describe 'Find-BaseImage' {
    BeforeAll {
        if ($lab) {
            Use-LabEnvironment $lab
            $all = @(Find-BaseImage @cache)
            $one = $all | Where-Object { $_.Name -and $_.Status -eq 'active' } | Select-Object -First 1
        }
    }

    BeforeEach {
        if (-not $lab) { Set-ItResult -Skipped -Because 'there is no cloud: the lab is not up and OS_AUTH_URL is not set' }
    }

    It 'finds images, and each once' {
        $all.Count | Should -BeGreaterThan 0
        $all | Should -BeOfType ImageCache.ImageDescriptor
        ($all.Id | Sort-Object -Unique).Count | Should -Be $all.Count
    }

    It 'finds by name and by pattern, without regard to case' {
        (Find-BaseImage @cache -Name $one.Name).Id | Should -Contain $one.Id
        (Find-BaseImage @cache "$($one.Name.Substring(0, 1).ToUpperInvariant())*").Id | Should -Contain $one.Id
        Find-BaseImage @cache 'no-such-image-*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'returns an image that two patterns match once' {
        @(Find-BaseImage @cache -Name $one.Name, $one.Name | Where-Object Id -EQ $one.Id).Count | Should -Be 1
    }

    It 'tells of a name that no image has' {
        Find-BaseImage @cache -Name 'no-such-image', $one.Name -ErrorAction SilentlyContinue -ErrorVariable failed | Should -Not -BeNullOrEmpty
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,ImageCache.Module.Commands.FindBaseImageCommand'
        $failed[0].TargetObject | Should -Be 'no-such-image'
    }

    It 'finds by id, also from the pipeline' {
        (Find-BaseImage @cache -ImageId $one.Id).Name | Should -Be $one.Name
        ($one | Find-BaseImage @cache).Id | Should -Be $one.Id
        ([pscustomobject]@{ Image = $one.Id } | Find-BaseImage @cache).Id | Should -Be $one.Id
    }

    It 'tells of an id that nobody has' {
        $id = [guid]::NewGuid().ToString()
        $id, $one.Id | Find-BaseImage @cache -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,ImageCache.Module.Commands.FindBaseImageCommand'
        $failed[0].TargetObject | Should -Be $id
    }

    It 'filters by status, visibility, owner and property' {
        (Find-BaseImage @cache -Status active).Status | Sort-Object -Unique | Should -Be 'active'
        (Find-BaseImage @cache -Visibility $one.Visibility).Id | Should -Contain $one.Id
        (Find-BaseImage @cache -Owner $one.Owner).Owner | Sort-Object -Unique | Should -Be $one.Owner
        (Find-BaseImage @cache -Property @{ disk_format = $one.DiskFormat }).DiskFormat | Sort-Object -Unique | Should -Be $one.DiskFormat
        Find-BaseImage @cache -Tag 'no-such-tag' | Should -BeNullOrEmpty
    }

    It 'stops after the first with Select-Object' {
        Find-BaseImage @cache | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'says nothing secret, also with -Debug' {
        $said = Find-BaseImage @cache -Name $one.Name -Debug -Verbose 5>&1 4>&1 | Out-String
        $said | Should -Not -BeLike "*$($lab.OS_PASSWORD)*"
        $said | Should -Not -Match 'gAAAA'
    }

    It 'lets names and ids complete afterwards' {
        $line = "Find-BaseImage -Name $($one.Name.Substring(0, 1))"
        (TabExpansion2 $line $line.Length).CompletionMatches.ListItemText | Should -Contain $one.Name
        $line = "Invoke-ImageFetch $($one.Id.Substring(0, 8))"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain $one.Id
    }
}
