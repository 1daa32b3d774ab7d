# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN New-Item -Path C:\app `
    -ItemType Directory ; `
    Write-Host 'made'
COPY --chown=ContainerUser "my file" C:\app\
WORKDIR C:\app
ENV A=C:\tools B="x`"y"
CMD [ "cmd.exe", "/c", "echo \u00e4 \ud83d\ude00" ]
